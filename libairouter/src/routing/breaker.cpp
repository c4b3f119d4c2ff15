#include "routing/breaker.h"

#include <algorithm>
#include <cmath>

namespace airouter::routing {

HealthState Breaker::state(TimePoint now) const noexcept {
  if (disabled_) return HealthState::disabled;
  if (probed_) return HealthState::probing;
  return tripped_ && now < until_ ? HealthState::cooling : HealthState::healthy;
}

bool Breaker::admits(TimePoint now) const noexcept {
  return !tripped_ || (!disabled_ && !probed_ && now >= until_);
}

bool Breaker::admits_last_resort() const noexcept {
  return !disabled_ && !probed_ && !(tripped_ && by_retry_after_);
}

Breaker::Entry Breaker::enter() noexcept {
  if (tripped_) probed_ = true;
  return {epoch_, tripped_};
}

void Breaker::on_success(Entry entry) noexcept {
  if (tripped_ && entry.epoch == epoch_) reset();
}

void Breaker::on_failure(Entry entry, const Trip& trip, TimePoint now) noexcept {
  const bool is_new = entry.epoch == epoch_;
  if (is_new) {
    ++epoch_;
    ++failures_;
    probed_ = false;
  }
  tripped_ = true;
  cause_ = trip.cause;
  if (!trip.cooldown) {
    disabled_ = true;
    return;
  }
  const double growth = std::min(std::pow(trip.multiplier, std::max(failures_ - 1, 0)), trip.multiplier_max);
  const auto lasts = trip.by_retry_after
                         ? *trip.cooldown
                         : std::chrono::milliseconds(static_cast<std::int64_t>(
                               static_cast<double>(trip.cooldown->count()) * std::max(growth, 1.0)));
  if (now + lasts > until_) {  // a deadline only ever moves later
    until_ = now + lasts;
    by_retry_after_ = trip.by_retry_after;
  }
}

void Breaker::on_release(Entry entry) noexcept {
  if (entry.is_probe && entry.epoch == epoch_) probed_ = false;
}

void Breaker::reset() noexcept {
  const std::uint32_t next = epoch_ + 1;
  *this = Breaker{};
  epoch_ = next;
}

}  // namespace airouter::routing
