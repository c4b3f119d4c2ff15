#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "store/latency_histogram.h"
#include "store/log_scanner.h"

namespace airouterd::store {

// What happened on one day, counted from the lines of the log. A value type.
class DayStatistics {
 public:
  struct Tokens {
    std::int64_t input = 0, output = 0;
    std::int64_t reports = 0;  // of requests whose cost is known; 0: nothing is
    std::int64_t total() const noexcept { return input + output; }
    void add(const Tokens& other) noexcept;
  };
  struct Hour {
    std::int64_t ok = 0, rescued = 0, failed = 0, cancelled = 0;
    Tokens tokens{};
    LatencyHistogram first_output{};
    std::int64_t requests() const noexcept { return ok + rescued + failed + cancelled; }
    void add(const Hour& other) noexcept;
  };
  struct Key {
    std::int64_t requests = 0, tokens = 0;
  };
  // Of attempts at a provider. Those that say nothing about it are in neither.
  struct Cell {
    std::int64_t ok = 0, failed = 0;
  };
  template <class Value>
  using PerHour = std::array<Value, 24>;
  template <class Value>
  using ByName = std::map<std::string, Value, std::less<>>;

  // Counts the end of a request; other lines count nothing.
  void add(const ScannedLine& line);
  void add_refused() noexcept { ++refused_; }

  const PerHour<Hour>& hours() const noexcept { return hours_; }
  Hour total() const;
  std::int64_t refused() const noexcept { return refused_; }
  const ByName<PerHour<std::uint32_t>>& models() const noexcept { return models_; }  // as asked for
  const ByName<std::int64_t>& answered_by() const noexcept { return answered_by_; }  // provider
  const ByName<Key>& keys() const noexcept { return keys_; }
  const ByName<PerHour<Cell>>& providers() const noexcept { return providers_; }  // attempts

 private:
  PerHour<Hour> hours_{};
  std::int64_t refused_ = 0;
  ByName<PerHour<std::uint32_t>> models_{};
  ByName<std::int64_t> answered_by_{};
  ByName<Key> keys_{};
  ByName<PerHour<Cell>> providers_{};
};

}  // namespace airouterd::store
