#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

#include <airouter/clock.h>

namespace airouterd::store {

// A limit on requests a minute, with as many at once: the generic cell rate algorithm (ITU-T I.371), whose
// whole state is the time at which all of the burst is there again. Lock-free and thread-safe.
class RateLimit {
 public:
  // Beyond, a minute divided by the limit is so few nanoseconds that rounding would show.
  static constexpr int per_minute_max = 10'000'000;

  struct Verdict {
    bool is_admitted = true;
    std::int64_t remaining = 0;       // requests that would be admitted right now
    std::chrono::nanoseconds full{};  // until all of them would
    std::chrono::nanoseconds wait{};  // until the next one would, if this one is not admitted
  };

  // Takes one request of `per_minute`, which is 1 … per_minute_max and may change from call to call.
  Verdict admit(int per_minute, airouter::TimePoint now) noexcept;

 private:
  std::atomic<std::int64_t> full_at_{0};  // nanoseconds of the monotonic clock
};

}  // namespace airouterd::store
