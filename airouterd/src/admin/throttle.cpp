#include "admin/throttle.h"

#include <algorithm>

namespace airouterd::admin {

std::optional<std::chrono::seconds> Throttle::wait_of(std::string_view address,
                                                      airouter::TimePoint now) const {
  const std::scoped_lock lock(mutex_);
  const auto found = failures_.find(std::string(address));
  if (found == failures_.end()) return std::nullopt;
  const auto& oldest = found->second.times[found->second.next];
  if (!oldest || now - *oldest >= window) return std::nullopt;
  return std::chrono::ceil<std::chrono::seconds>(*oldest + window - now);
}

void Throttle::note_failure(std::string_view address, airouter::TimePoint now) {
  const std::scoped_lock lock(mutex_);
  const std::string key(address);
  if (failures_.size() >= addresses_max && !failures_.contains(key)) make_place(now);
  Failures& failures = failures_[key];
  failures.times[failures.next] = now;
  failures.next = (failures.next + 1) % failures.times.size();
  failures.last = now;
}

void Throttle::forgive(std::string_view address) {
  const std::scoped_lock lock(mutex_);
  failures_.erase(std::string(address));
}

void Throttle::make_place(airouter::TimePoint now) {
  std::erase_if(failures_, [&](const auto& entry) { return now - entry.second.last >= window; });
  if (failures_.size() < addresses_max) return;
  failures_.erase(std::min_element(failures_.begin(), failures_.end(), [](const auto& a, const auto& b) {
    return a.second.last < b.second.last;
  }));
}

}  // namespace airouterd::admin
