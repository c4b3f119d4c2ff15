#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <string_view>

namespace airouterd::http {

// Bytes that were received and not yet used: heads in the making, pieces of bodies, requests sent ahead.
// Grows only as asked; gives its memory back while a connection idles. Used by one thread.
class ReadBuffer {
 public:
  std::string_view view() const noexcept { return {bytes_.get() + begin_, end_ - begin_}; }
  bool empty() const noexcept { return begin_ == end_; }
  bool is_allocated() const noexcept { return capacity_ > 0; }

  void consume(std::size_t bytes) noexcept {
    begin_ += std::min(bytes, end_ - begin_);
    if (begin_ == end_) begin_ = end_ = 0;
  }

  // Room for at least `bytes` after what is there: fill it, then tell how much by `filled`.
  char* room(std::size_t bytes) {
    if (capacity_ - end_ < bytes) make_room(bytes);
    return bytes_.get() + end_;
  }
  std::size_t room_bytes() const noexcept { return capacity_ - end_; }
  void filled(std::size_t bytes) noexcept { end_ += bytes; }

  void release() noexcept {
    bytes_.reset();
    begin_ = end_ = capacity_ = 0;
  }

 private:
  void make_room(std::size_t bytes) {
    const auto used = end_ - begin_;
    if (capacity_ - used >= bytes) {
      std::copy(bytes_.get() + begin_, bytes_.get() + end_, bytes_.get());
    } else {
      auto larger = std::unique_ptr<char[]>(new char[used + bytes]);
      std::copy(bytes_.get() + begin_, bytes_.get() + end_, larger.get());
      bytes_ = std::move(larger);
      capacity_ = used + bytes;
    }
    begin_ = 0;
    end_ = used;
  }

  std::unique_ptr<char[]> bytes_{};
  std::size_t begin_ = 0, end_ = 0, capacity_ = 0;
};

}  // namespace airouterd::http
