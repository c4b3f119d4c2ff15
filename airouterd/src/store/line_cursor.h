#pragma once

#include <charconv>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>

namespace airouterd::store {

// Walks along a line of JSON whose members are known beforehand. The first step that does not fit spoils all
// later ones. Used by one thread; borrows the line.
class LineCursor {
 public:
  explicit LineCursor(std::string_view line) noexcept
      : begin_(line.data()), at_(line.data()), end_(line.data() + line.size()) {}

  bool is_fine() const noexcept { return at_ != nullptr; }
  std::size_t offset() const noexcept { return static_cast<std::size_t>(at_ - begin_); }

  // Passes exactly these bytes.
  void pass(std::string_view text) noexcept {
    if (!try_pass(text)) at_ = nullptr;
  }

  // False: something else stands here, and nothing was passed.
  bool try_pass(std::string_view text) noexcept {
    if (at_ == nullptr || static_cast<std::size_t>(end_ - at_) < text.size()) return false;
    if (std::memcmp(at_, text.data(), text.size()) != 0) return false;
    at_ += text.size();
    return true;
  }

  // What stands between the quotes of a string, still escaped; empty: null.
  std::string_view text_or_null(bool& has_escapes) noexcept {
    has_escapes = false;
    if (try_pass("null")) return {};
    pass("\"");
    if (at_ == nullptr) return {};
    const char* const begin = at_;
    for (; at_ < end_ && *at_ != '"'; ++at_) {
      if (*at_ != '\\') continue;
      has_escapes = true;
      ++at_;
    }
    if (at_ >= end_) return fail();
    return {begin, static_cast<std::size_t>(at_++ - begin)};
  }
  void skip_text_or_null() noexcept {
    bool has_escapes = false;
    text_or_null(has_escapes);
  }

  // A whole number, or the whole part of a decimal one; nothing: null.
  std::optional<std::int64_t> number_or_null() noexcept {
    if (try_pass("null") || at_ == nullptr) return std::nullopt;
    std::int64_t value = 0;
    const auto [stop, error] = std::from_chars(at_, end_, value);
    if (error != std::errc{}) return fail(), std::nullopt;
    at_ = stop;
    if (at_ < end_ && *at_ == '.') do
        ++at_;
      while (at_ < end_ && *at_ >= '0' && *at_ <= '9');
    return value;
  }

 private:
  std::string_view fail() noexcept {
    at_ = nullptr;
    return {};
  }

  const char *begin_, *at_, *end_;  // at_ null: spoilt
};

}  // namespace airouterd::store
