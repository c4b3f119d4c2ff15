#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include <airouter/clock.h>
#include <airouter/events.h>

namespace airouter::routing {

// A circuit breaker: closed → cooling → probing → closed. Cooling ends by time; then exactly one request, the
// probe, is let through. Disabled lasts until a reset.
//
// An epoch tells what a result speaks about: the breaker as it was when the request went out, or a later one.
// A late success does not close what has tripped since, failures of one burst count as one, and a failure
// from before a reset counts for nothing.
//
// Pure: time is a parameter. Not thread-safe.
class Breaker {
 public:
  // Let in: as a probe or not, and in which epoch.
  struct Entry {
    std::uint32_t epoch = 0;
    bool is_probe = false;
  };

  // What a failure asks for. `cooldown` unset: until a reset.
  struct Trip {
    FailureKind cause{};
    std::optional<std::chrono::milliseconds> cooldown{};
    bool by_retry_after = false;  // the provider named the time itself
    double multiplier = 1.0, multiplier_max = 1.0;
  };

  HealthState state(TimePoint now) const noexcept;
  bool admits(TimePoint now) const noexcept;

  // Whether a request may come in although it cools: never when disabled, while probed, or against a
  // Retry-After.
  bool admits_last_resort(TimePoint now) const noexcept;

  // Precondition: admits(now), or admits_last_resort(now). A probe must be followed by exactly one of
  // on_success, on_failure and on_release.
  Entry enter() noexcept;

  // As of a request that goes out now, for failures that show after its entry was answered.
  Entry current() const noexcept { return {epoch_, false}; }

  void on_success(Entry entry) noexcept;
  void on_failure(Entry entry, const Trip& trip, TimePoint now) noexcept;
  void on_release(Entry entry) noexcept;  // the request says nothing about health
  void reset() noexcept;

  bool is_closed() const noexcept { return !tripped_; }
  bool is_disabled() const noexcept { return disabled_; }
  bool is_probed() const noexcept { return probed_; }
  TimePoint until() const noexcept { return until_; }
  FailureKind cause() const noexcept { return tripped_ ? cause_ : FailureKind::none; }
  int failures() const noexcept { return failures_; }

 private:
  TimePoint until_{};                          // of cooling
  TimePoint retry_after_until_{};              // of the provider's own wish
  std::uint32_t epoch_ = 0, first_epoch_ = 0;  // now; after the last reset
  int failures_ = 0;                           // epochs that ended in failure, in a row
  FailureKind cause_{};
  bool tripped_ = false, disabled_ = false, probed_ = false;
};

}  // namespace airouter::routing
