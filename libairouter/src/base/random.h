#pragma once

#include <atomic>
#include <cstdint>

namespace airouter {

// SplitMix64: a seeded stream of evenly spread numbers. Thread-safe without a lock; not for secrets.
class Random {
 public:
  explicit Random(std::uint64_t seed) noexcept : state_(seed) {}

  // A seed from the operating system.
  static std::uint64_t system_seed();

  std::uint64_t next() noexcept {
    std::uint64_t z = state_.fetch_add(golden, std::memory_order_relaxed) + golden;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  }

  // Evenly 0 … bound - 1; `bound` must be positive. The bias of the multiplication is under bound / 2^64.
  std::uint64_t below(std::uint64_t bound) noexcept {
    __extension__ using Wide = unsigned __int128;
    return static_cast<std::uint64_t>((static_cast<Wide>(next()) * bound) >> 64);
  }

 private:
  static constexpr std::uint64_t golden = 0x9e3779b97f4a7c15u;
  std::atomic<std::uint64_t> state_;
};

}  // namespace airouter
