#pragma once

#include <chrono>
#include <memory>

#include <airouter/export.h>

namespace airouter {

class Interrupt;

using TimePoint = std::chrono::steady_clock::time_point;

// The seam to time. Thread-safe; tests replace it by airouter::testing::FakeClock.
class AIROUTER_EXPORT Clock {
 public:
  virtual ~Clock() = default;

  // Monotonic: a changed wall clock alters nothing.
  virtual TimePoint now() const noexcept = 0;

  // For dates in headers and records only.
  virtual std::chrono::system_clock::time_point wall_now() const noexcept = 0;

  // Blocks until `until`, or until `interrupt` (may be null) fires. False: interrupted.
  virtual bool sleep_until(TimePoint until, const Interrupt* interrupt) = 0;
};

// The real clocks of this machine.
AIROUTER_EXPORT std::shared_ptr<Clock> make_system_clock();

}  // namespace airouter
