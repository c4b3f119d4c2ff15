#pragma once

#include <array>
#include <cstdint>
#include <optional>

namespace airouterd::store {

// How long things took, counted in steps of a tenth: a percentile is off by 5 % at most. From 1 ms to an hour
// and a half; what took longer counts as that. A value type.
class LatencyHistogram {
 public:
  void add(std::int64_t milliseconds) noexcept;
  void add(const LatencyHistogram& other) noexcept;

  std::int64_t count() const noexcept { return count_; }

  // Below which `share` (0 … 1) of all lie. Nothing with less than 20 of them: it would mean nothing.
  std::optional<std::int64_t> percentile(double share) const noexcept;

 private:
  static constexpr std::size_t steps = 164;
  std::array<std::uint32_t, steps> counts_{};
  std::int64_t count_ = 0;
};

}  // namespace airouterd::store
