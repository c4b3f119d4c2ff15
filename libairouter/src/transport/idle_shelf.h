#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <deque>
#include <iterator>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <airouter/clock.h>

namespace airouter::transport {

// The most that was in flight at once lately: within the last half window to a whole one. Pure.
class PeakGauge {
 public:
  static constexpr std::chrono::seconds window{30};

  void add(int change, TimePoint now) noexcept {
    rotate(now);
    value_ += change;
    current_ = std::max(current_, value_);
  }

  int value() const noexcept { return value_; }

  int peak(TimePoint now) noexcept {
    rotate(now);
    return std::max(current_, previous_);
  }

 private:
  void rotate(TimePoint now) noexcept {
    constexpr auto half = window / 2;
    if (now - began_ < half) return;
    previous_ = now - began_ < 2 * half ? current_ : value_;
    current_ = value_;
    began_ = now;
  }

  int value_ = 0, current_ = 0, previous_ = 0;
  TimePoint began_{};
};

struct ShelfBounds {
  std::size_t per_origin_max = 0, total_max = 0;
  std::chrono::seconds age_max{};  // idle for longer: most servers have closed it by then
};

// Idle connections by origin, the warmest on top. Keeps as many of an origin as were in flight there lately,
// but at least one, so that a lone user's next question finds it. What has to go is handed back, to be
// destroyed where no lock is held. Pure; not thread-safe.
template <class T>
class IdleShelf {
 public:
  explicit IdleShelf(ShelfBounds bounds) noexcept : bounds_(bounds) {}

  // One more is in flight at `origin`; each is ended by one call of `finish` or `put`.
  void begin(const std::string& origin, TimePoint now) { origins_[origin].in_flight.add(1, now); }

  void finish(const std::string& origin, TimePoint now) { origins_[origin].in_flight.add(-1, now); }

  // The one that was put last; nothing if there is none.
  std::optional<T> take(const std::string& origin) {
    const auto place = origins_.find(origin);
    if (place == origins_.end() || place->second.idle.empty()) return std::nullopt;
    std::optional<T> taken(std::move(place->second.idle.back().item));
    place->second.idle.pop_back();
    --total_;
    return taken;
  }

  // An in-flight one is idle now. Returns what is not kept, perhaps itself.
  std::vector<T> put(const std::string& origin, T item, TimePoint now) {
    std::vector<T> dropped;
    Origin& place = origins_[origin];
    place.in_flight.add(-1, now);
    if (total_ >= bounds_.total_max || now - swept_ >= sweep_interval) sweep(now, dropped);
    if (total_ >= bounds_.total_max) {
      dropped.push_back(std::move(item));
      return dropped;
    }
    place.idle.push_back({std::move(item), now});
    ++total_;
    trim(place, now, dropped);
    return dropped;
  }

  // All that are idle.
  std::vector<T> clear() {
    std::vector<T> dropped;
    for (auto& [name, origin] : origins_) {
      for (Idle& idle : origin.idle)
        dropped.push_back(std::move(idle.item));
      origin.idle.clear();
    }
    total_ = 0;
    return dropped;
  }

  std::size_t size() const noexcept { return total_; }

 private:
  static constexpr std::chrono::seconds sweep_interval{5};

  struct Idle {
    T item;
    TimePoint since{};
  };
  struct Origin {
    std::deque<Idle> idle{};  // oldest first
    PeakGauge in_flight{};
  };

  void trim(Origin& origin, TimePoint now, std::vector<T>& dropped) {
    const auto peak = static_cast<std::size_t>(std::max(1, origin.in_flight.peak(now)));
    const std::size_t kept_max = std::min(bounds_.per_origin_max, peak);
    while (!origin.idle.empty() &&
           (origin.idle.size() > kept_max || now - origin.idle.front().since > bounds_.age_max)) {
      dropped.push_back(std::move(origin.idle.front().item));
      origin.idle.pop_front();
      --total_;
    }
  }

  // Leaves no trace of origins that nobody uses any more, but for those that are in flight.
  void sweep(TimePoint now, std::vector<T>& dropped) {
    swept_ = now;
    for (auto& [name, origin] : origins_)
      trim(origin, now, dropped);
  }

  const ShelfBounds bounds_;
  std::map<std::string, Origin, std::less<>> origins_{};
  std::size_t total_ = 0;
  TimePoint swept_{};
};

}  // namespace airouter::transport
