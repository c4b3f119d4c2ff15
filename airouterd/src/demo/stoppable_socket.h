#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace airouterd::demo {

// A connected socket whose every wait ends at once when a stop descriptor becomes readable. Owns the socket,
// borrows the stop descriptor. Used by one thread. Writing never raises SIGPIPE.
class StoppableSocket {
 public:
  enum class Outcome { ready, timeout, gone, stopped };

  StoppableSocket(int socket_fd, int stop_fd) noexcept : fd_(socket_fd), stop_fd_(stop_fd) {}
  ~StoppableSocket() { close(); }
  StoppableSocket(const StoppableSocket&) = delete;
  StoppableSocket& operator=(const StoppableSocket&) = delete;

  // Appends what has come to `buffer`, waiting for at least a byte.
  Outcome receive(std::string& buffer);

  // Blocks until the kernel has taken everything, or the peer has left. Adds to `sent` what was taken.
  Outcome send(std::string_view bytes, std::atomic<std::uint64_t>& sent);

  // Waits for the peer to leave, without reading. At most an hour, unless it is for ever.
  static constexpr std::chrono::milliseconds for_ever{-1};
  Outcome wait(std::chrono::milliseconds duration);

  void half_close() noexcept;
  void close() noexcept;
  void reset() noexcept;  // closes with RST

  bool is_open() const noexcept { return fd_ >= 0; }

 private:
  Outcome poll_for(short events, int timeout_milliseconds) const;

  int fd_;
  const int stop_fd_;
};

}  // namespace airouterd::demo
