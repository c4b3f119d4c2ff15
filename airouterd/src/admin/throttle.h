#pragma once

#include <array>
#include <chrono>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include <airouter/clock.h>

namespace airouterd::admin {

// Slows down whoever guesses: so many failed tries a minute from one address. What it knows is bounded, and
// nobody's tries count for anybody else, so that nobody can be locked out by others. Thread-safe.
class Throttle {
 public:
  static constexpr int tries_max = 5;
  static constexpr std::chrono::seconds window{60};

  // Who has been quiet longest is forgotten first.
  static constexpr std::size_t addresses_max = 4096;

  // How long that address has to wait before its next try; nothing: it need not.
  std::optional<std::chrono::seconds> wait_of(std::string_view address, airouter::TimePoint now) const;

  void note_failure(std::string_view address, airouter::TimePoint now);

  // Who knew the secret in the end was no guesser.
  void forgive(std::string_view address);

 private:
  struct Failures {
    std::array<std::optional<airouter::TimePoint>, tries_max> times{};  // the next one replaces the oldest
    std::size_t next = 0;
    airouter::TimePoint last{};
  };

  void make_place(airouter::TimePoint now);

  mutable std::mutex mutex_;
  std::unordered_map<std::string, Failures> failures_{};  // guarded by mutex_
};

}  // namespace airouterd::admin
