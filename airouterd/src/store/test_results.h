#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace airouterd::store {

// What came of asking a provider's model for one token.
struct TestResult {
  std::string provider{}, model{};
  bool success = false;
  std::chrono::milliseconds latency{};
  std::string error{};  // empty after a success
  std::chrono::system_clock::time_point tested_at{};
};

// The latest result of each provider and model, as long as the process lives. Bounded: the one that was
// recorded longest ago makes room. Thread-safe.
class TestResults {
 public:
  static constexpr std::size_t results_max = 4096;

  void record(TestResult result);

  // Those of a provider; empty: of all. The latest last.
  std::vector<TestResult> of(std::string_view provider = {}) const;

  void forget(std::string_view provider);

 private:
  mutable std::mutex mutex_;
  std::deque<TestResult> results_{};  // guarded by mutex_
};

}  // namespace airouterd::store
