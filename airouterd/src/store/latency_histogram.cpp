#include "store/latency_histogram.h"

#include <algorithm>
#include <cmath>

namespace airouterd::store {
namespace {

constexpr double growth = 1.1;
constexpr std::int64_t count_min = 20;

// Where a step begins, in milliseconds.
double begin_of(double step) {
  return std::pow(growth, step);
}

}  // namespace

void LatencyHistogram::add(std::int64_t milliseconds) noexcept {
  const double step =
      std::log(static_cast<double>(std::max<std::int64_t>(milliseconds, 1))) / std::log(growth);
  ++counts_[std::min(static_cast<std::size_t>(step), steps - 1)];
  ++count_;
}

void LatencyHistogram::add(const LatencyHistogram& other) noexcept {
  for (std::size_t i = 0; i < steps; ++i)
    counts_[i] += other.counts_[i];
  count_ += other.count_;
}

std::optional<std::int64_t> LatencyHistogram::percentile(double share) const noexcept {
  if (count_ < count_min) return std::nullopt;
  const double wanted = share * static_cast<double>(count_);
  double passed = 0;
  for (std::size_t step = 0; step < steps; ++step) {
    const auto here = static_cast<double>(counts_[step]);
    if (here > 0 && passed + here >= wanted)
      return std::llround(
          begin_of(static_cast<double>(step) + std::clamp((wanted - passed) / here, 0.0, 1.0)));
    passed += here;
  }
  return std::nullopt;
}

}  // namespace airouterd::store
