#pragma once

#include <algorithm>
#include <atomic>

#include "base/limits.h"

namespace airouter::engine {

// Bounds the third and later attempts under way to a share of the calls under way, so that an outage cannot
// double the load on the providers that are left. Thread-safe.
class RetryBudget {
 public:
  void call_begins() noexcept { ++calls_; }
  void call_ends() noexcept { --calls_; }

  // Each success must be followed by `give_back` at the attempt's end.
  bool try_take() noexcept {
    const int allowed = std::max(limits::retry_budget_min, calls_.load() / limits::retry_budget_divisor);
    if (extra_attempts_.fetch_add(1) < allowed) return true;
    --extra_attempts_;
    return false;
  }
  void give_back() noexcept { --extra_attempts_; }

  int calls_under_way() const noexcept { return calls_; }

 private:
  std::atomic<int> calls_{0}, extra_attempts_{0};
};

}  // namespace airouter::engine
