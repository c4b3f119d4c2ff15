#include "store/rate_limit.h"

#include <algorithm>

namespace airouterd::store {

RateLimit::Verdict RateLimit::admit(int per_minute, airouter::TimePoint now) noexcept {
  using std::chrono::nanoseconds;
  constexpr std::int64_t minute = nanoseconds(std::chrono::minutes(1)).count();
  const std::int64_t time = std::chrono::duration_cast<nanoseconds>(now.time_since_epoch()).count();
  const std::int64_t step = minute / per_minute;
  std::int64_t full_at = full_at_.load(std::memory_order_relaxed);
  Verdict verdict;
  for (;;) {
    // A limit that was lower a moment ago has left a debt of more than a minute's worth of steps.
    const std::int64_t next = std::max(full_at, time) + step;
    const std::int64_t debt = next - time;
    verdict.is_admitted = debt <= minute;
    if (!verdict.is_admitted) {
      verdict.remaining = 0;
      verdict.full = nanoseconds(debt - step);
      verdict.wait = nanoseconds(debt - minute);
      return verdict;
    }
    if (!full_at_.compare_exchange_weak(full_at, next, std::memory_order_relaxed)) continue;
    verdict.remaining = (minute - debt) / step;
    verdict.full = nanoseconds(debt);
    return verdict;
  }
}

}  // namespace airouterd::store
