#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

#include <airouter/clock.h>

namespace airouterd::http {

// How slow a transfer may be: a grace, and a rate. What moves earns time at the rate, but never more than the
// grace ahead, so that a fast beginning is no credit for standing still afterwards. Pure; a value type.
class Pace {
 public:
  // A rate of 0 asks for nothing more than to be done within the grace.
  Pace(airouter::TimePoint begin, std::chrono::milliseconds grace,
       std::uint64_t bytes_per_second_min) noexcept
      : deadline_(begin + grace), grace_(grace), rate_(bytes_per_second_min) {}

  void moved(std::uint64_t bytes, airouter::TimePoint now) noexcept {
    if (rate_ == 0) return;
    const std::chrono::nanoseconds earned(static_cast<std::int64_t>(bytes * 1'000'000'000 / rate_));
    deadline_ = std::min<airouter::TimePoint>(deadline_ + earned, now + grace_);
  }

  // When the next byte must have come.
  airouter::TimePoint deadline() const noexcept { return deadline_; }

 private:
  airouter::TimePoint deadline_;
  std::chrono::milliseconds grace_;
  std::uint64_t rate_;
};

}  // namespace airouterd::http
