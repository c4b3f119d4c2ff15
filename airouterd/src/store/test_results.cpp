#include "store/test_results.h"

#include <algorithm>
#include <iterator>

namespace airouterd::store {

void TestResults::record(TestResult result) {
  const std::scoped_lock lock(mutex_);
  std::erase_if(results_, [&](const TestResult& old) {
    return old.provider == result.provider && old.model == result.model;
  });
  if (results_.size() >= results_max) results_.pop_front();
  results_.push_back(std::move(result));
}

std::vector<TestResult> TestResults::of(std::string_view provider) const {
  const std::scoped_lock lock(mutex_);
  std::vector<TestResult> found;
  std::copy_if(results_.begin(), results_.end(), std::back_inserter(found),
               [&](const TestResult& result) { return provider.empty() || result.provider == provider; });
  return found;
}

void TestResults::forget(std::string_view provider) {
  const std::scoped_lock lock(mutex_);
  std::erase_if(results_, [&](const TestResult& result) { return result.provider == provider; });
}

}  // namespace airouterd::store
