#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <vector>

#include <airouter/router.h>

#include "base/byte_budget.h"
#include "base/limits.h"
#include "base/random.h"
#include "engine/last_resorts.h"
#include "engine/retry_budget.h"
#include "routing/route_table.h"

namespace airouter::engine {

// What the calls of one router share. Thread-safe; held by shared_ptr, since calls may outlive their router.
class Core {
 public:
  Core(Config config, RouterOptions options);

  // The routes of the current config; a call keeps those it began with.
  std::shared_ptr<const routing::RouteTable> routes() const;
  void reload(Config config);

  void report(const std::vector<HealthEvent>& events) const noexcept;
  Observer& observer() const noexcept { return *observer_; }
  Clock& clock() const noexcept { return *clock_; }
  Transport& transport() const noexcept { return *transport_; }
  std::uint64_t next_call_id() noexcept { return ++call_id_; }

  // Own synchronization.
  Random random;
  RetryBudget retry_budget{};
  LastResorts last_resorts{};
  ByteBudget body_bytes{limits::call_bytes_in_flight_max};

 private:
  // Constant after construction.
  const std::shared_ptr<Clock> clock_;
  const std::shared_ptr<Transport> transport_;
  const std::shared_ptr<Observer> observer_;

  // Own synchronization.
  std::atomic<std::uint64_t> call_id_{0};
  routing::HealthTable health_{};

  std::mutex reload_mutex_;  // one reload at a time

  mutable std::mutex mutex_;
  std::shared_ptr<const routing::RouteTable> routes_;  // guarded by mutex_
};

}  // namespace airouter::engine
