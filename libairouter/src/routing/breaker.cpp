#include "routing/breaker.h"

#include <algorithm>
#include <cmath>

namespace airouter::routing {
namespace {

// The cooldown, grown by the failures in a row; a provider's own wish is taken as it is.
std::chrono::milliseconds grown(const Breaker::Trip& trip, int failures) {
  if (trip.by_retry_after) return *trip.cooldown;
  const double wanted = std::pow(trip.multiplier, std::max(failures - 1, 0));
  const double growth = std::max(std::min(wanted, trip.multiplier_max), 1.0);
  return std::chrono::milliseconds(
      static_cast<std::int64_t>(static_cast<double>(trip.cooldown->count()) * growth));
}

}  // namespace

HealthState Breaker::state(TimePoint now) const noexcept {
  if (disabled_) return HealthState::disabled;
  if (probed_) return HealthState::probing;
  return tripped_ && now < until_ ? HealthState::cooling : HealthState::healthy;
}

bool Breaker::admits(TimePoint now) const noexcept {
  return !tripped_ || (!disabled_ && !probed_ && now >= until_);
}

bool Breaker::admits_last_resort(TimePoint now) const noexcept {
  return !disabled_ && !probed_ && now >= retry_after_until_;
}

Breaker::Entry Breaker::enter() noexcept {
  if (tripped_) probed_ = true;
  return {epoch_, tripped_};
}

void Breaker::on_success(Entry entry) noexcept {
  if (tripped_ && !disabled_ && entry.epoch == epoch_) reset();
}

void Breaker::on_failure(Entry entry, const Trip& trip, TimePoint now) noexcept {
  if (entry.epoch < first_epoch_) return;
  if (entry.epoch == epoch_) {
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
  // A deadline only ever moves later.
  const TimePoint end = now + grown(trip, failures_);
  until_ = std::max(until_, end);
  if (trip.by_retry_after) retry_after_until_ = std::max(retry_after_until_, end);
}

void Breaker::on_release(Entry entry) noexcept {
  if (entry.is_probe && entry.epoch == epoch_) probed_ = false;
}

void Breaker::reset() noexcept {
  const std::uint32_t next = epoch_ + 1;
  *this = Breaker{};
  epoch_ = first_epoch_ = next;
}

}  // namespace airouter::routing
