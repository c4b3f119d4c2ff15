#pragma once

#include <chrono>
#include <cstdint>

#include <airouter/clock.h>

namespace airouterd::http {

// How slow a transfer may be: a grace at first, then an average rate. Pure; a value type.
class Pace {
 public:
  Pace(airouter::TimePoint begin, std::chrono::milliseconds grace,
       std::uint64_t bytes_per_second_min) noexcept
      : begin_(begin), grace_(grace), rate_(bytes_per_second_min) {}

  void moved(std::uint64_t bytes) noexcept { bytes_ += bytes; }

  // When the next byte must have come. A rate of 0 asks for nothing more than the grace.
  airouter::TimePoint deadline() const noexcept {
    const auto earned = rate_ == 0 ? 0 : bytes_ * 1000 / rate_;
    return begin_ + grace_ + std::chrono::milliseconds(static_cast<std::int64_t>(earned));
  }

 private:
  airouter::TimePoint begin_;
  std::chrono::milliseconds grace_;
  std::uint64_t rate_;
  std::uint64_t bytes_ = 0;
};

}  // namespace airouterd::http
