#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

#include <airouter/clock.h>

#include "http/pace.h"

namespace airouterd::http {

// A connected TCP socket that never blocks past a deadline and never raises SIGPIPE. Used by one thread, but
// for `shut_down`, which any thread may call while the object lives. Closes the socket when destroyed.
class Socket {
 public:
  enum class Wait { ready, timeout, failed };

  explicit Socket(int fd) noexcept : fd_(fd) {}
  ~Socket();
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;

  int fd() const noexcept { return fd_; }

  // The peer's numeric address; IPv4 always as such. Empty if it is gone already.
  std::string peer_address() const;

  // Until there is something to read, an end included.
  Wait wait_readable(airouter::TimePoint until) const noexcept;

  // Up to `bytes`; 0: the peer ended or the connection broke; less than 0: `until` passed.
  std::ptrdiff_t receive(char* to, std::size_t bytes, airouter::TimePoint until) const noexcept;

  // The same for a socket that mostly waits: one system call instead of two. `patience` is the same each time
  // on one socket, and kept to the kernel's clock tick.
  std::ptrdiff_t receive_patiently(char* to, std::size_t bytes, std::chrono::milliseconds patience) noexcept;

  // Sends both, in one system call where the peer keeps up. False: the peer is gone, or too slow and will be
  // reset.
  bool send(std::string_view first, std::string_view second, Pace pace) const noexcept;

  // Ends our half, then waits for the peer's: closing at once would make the kernel send a reset, and with it
  // the peer might lose a reply that it has not yet read.
  void linger(airouter::TimePoint until, std::size_t bytes_max) const noexcept;

  // Closing will tell the peer that something is missing.
  void reset_on_close() const noexcept;

  // Wakes and fails every wait on this socket, for good.
  void shut_down() const noexcept;

  // Makes the reading half end after what has been received.
  void stop_reading() const noexcept;

 private:
  bool wait_writable(Pace& pace) const noexcept;

  // What the peer has not yet taken of what was sent.
  std::size_t unsent_bytes() const noexcept;

  const int fd_;
  bool is_patient_ = false;  // the kernel knows how long `receive_patiently` waits
};

}  // namespace airouterd::http
