#pragma once

#include <cstdint>
#include <optional>
#include <utility>

namespace bench {

// CLOCK_MONOTONIC in nanoseconds: the same for every process of a machine.
std::int64_t now_ns();

inline constexpr std::int64_t ns_per_us = 1'000, ns_per_ms = 1'000'000, ns_per_s = 1'000'000'000;

// Owns a descriptor.
class Fd {
 public:
  Fd() = default;
  explicit Fd(int value) noexcept : value_(value) {}
  Fd(Fd&& other) noexcept : value_(std::exchange(other.value_, -1)) {}
  Fd& operator=(Fd&& other) noexcept {
    if (this != &other) {
      reset();
      value_ = std::exchange(other.value_, -1);
    }
    return *this;
  }
  Fd(const Fd&) = delete;
  Fd& operator=(const Fd&) = delete;
  ~Fd() { reset(); }

  int get() const noexcept { return value_; }
  bool is_open() const noexcept { return value_ >= 0; }
  void reset() noexcept;

 private:
  int value_ = -1;
};

// A non-blocking listening socket of 127.0.0.1. Ends the program if it cannot be had.
Fd listen_on(int port);

// A non-blocking connection to 127.0.0.1, without delay for small packets; the connect itself waits, which on
// loopback takes microseconds. Closed if refused.
Fd connect_to(int port);

// The next waiting client of a listening socket, ready to use.
Fd accept_from(int listening_fd);

// A port of 127.0.0.1 that nobody listens on, outside the range that the system hands out itself.
int free_port();

// Prints "bench: ..." and ends the program with 1.
[[noreturn]] void give_up(const char* what);

// An epoll instance whose users are told by a number of their own.
class Poller {
 public:
  Poller();
  void add(int fd, std::uint64_t token, std::uint32_t events) const;
  void change(int fd, std::uint64_t token, std::uint32_t events) const;
  int get() const noexcept { return fd_.get(); }

 private:
  Fd fd_;
};

}  // namespace bench
