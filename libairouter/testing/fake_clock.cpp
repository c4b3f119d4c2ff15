#include <airouter/testing.h>

namespace airouter::testing {

std::chrono::system_clock::time_point FakeClock::wall_now() const noexcept {
  constexpr std::chrono::seconds start_of_2026{1'767'225'600};
  return std::chrono::system_clock::time_point(start_of_2026) +
         std::chrono::duration_cast<std::chrono::system_clock::duration>(now().time_since_epoch());
}

bool FakeClock::sleep_until(TimePoint until, const Interrupt* interrupt) {
  if (interrupt != nullptr && interrupt->triggered()) return false;
  advance_to(until);
  return true;
}

void FakeClock::advance_to(TimePoint time) noexcept {
  const std::int64_t target = std::chrono::nanoseconds(time.time_since_epoch()).count();
  std::int64_t current = nanoseconds_.load();
  while (current < target && !nanoseconds_.compare_exchange_weak(current, target)) {
  }
}

}  // namespace airouter::testing
