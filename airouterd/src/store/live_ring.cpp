#include "store/live_ring.h"

#include <algorithm>
#include <sys/eventfd.h>
#include <unistd.h>
#include <utility>

namespace airouterd::store {

LiveRing::Watcher::Watcher(LiveRing& ring, std::optional<Microseconds> last_seen)
    : ring_(ring), event_fd_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  seen_ = ring_.number_;
  seen_records_ = ring_.record_number_;
  if (!last_seen) return;
  is_resumed_behind_ = *last_seen < ring_.forgotten_;
  const auto& items = ring_.items_;
  const auto next = std::upper_bound(items.begin(), items.end(), *last_seen,
                                     [](Microseconds id, const LiveItem& item) { return id < item.id; });
  if (next == items.end()) return;
  seen_ = next->number - 1;
  seen_records_ = next->record_number - (next->is_record ? 1 : 0);
}

LiveRing::Watcher::~Watcher() {
  {
    const std::scoped_lock lock(ring_.mutex_);
    std::erase(ring_.watchers_, this);
    ring_.has_watchers_ = !ring_.watchers_.empty();
  }
  if (event_fd_ >= 0) ::close(event_fd_);
}

LiveRing::Watcher::News LiveRing::Watcher::take() {
  std::uint64_t count = 0;
  if (event_fd_ >= 0 && ::read(event_fd_, &count, sizeof count) < 0) count = 0;  // nobody has written
  News news;
  const std::scoped_lock lock(ring_.mutex_);
  news.is_over = ring_.is_closed_;
  news.has_gap = std::exchange(is_resumed_behind_, false);
  const auto& items = ring_.items_;
  if (items.empty() || items.back().number == seen_) return news;
  const LiveItem& oldest = items.front();
  if (oldest.number > seen_ + 1) {
    news.has_gap = true;
    news.missed_items = oldest.number - 1 - seen_;
    news.missed_records = oldest.record_number - (oldest.is_record ? 1 : 0) - seen_records_;
    seen_ = oldest.number - 1;
  }
  news.items.assign(items.end() - static_cast<std::ptrdiff_t>(items.back().number - seen_), items.end());
  seen_ = items.back().number;
  seen_records_ = items.back().record_number;
  return news;
}

void LiveRing::begin_after(Microseconds id) {
  const std::scoped_lock lock(mutex_);
  forgotten_ = id;
}

void LiveRing::publish(std::vector<LiveItem> items) {
  if (items.empty()) return;
  const std::scoped_lock lock(mutex_);
  for (LiveItem& item : items) {
    item.number = ++number_;
    record_number_ += item.is_record ? 1 : 0;
    item.record_number = record_number_;
    items_.push_back(std::move(item));
  }
  while (items_.size() > items_max || record_number_ - items_.front().record_number >= records_max_) {
    forgotten_ = items_.front().id;
    items_.pop_front();
  }
  wake_all();
}

std::unique_ptr<LiveRing::Watcher> LiveRing::watch(std::optional<Microseconds> last_seen) {
  const std::scoped_lock lock(mutex_);
  if (is_closed_ || watchers_.size() >= watchers_max) return nullptr;
  auto watcher = std::make_unique<Watcher>(*this, last_seen);
  watchers_.push_back(watcher.get());
  has_watchers_ = true;
  return watcher;
}

void LiveRing::close() {
  const std::scoped_lock lock(mutex_);
  is_closed_ = true;
  wake_all();
}

std::vector<LiveItem> LiveRing::records() const {
  std::vector<LiveItem> records;
  const std::scoped_lock lock(mutex_);
  for (const LiveItem& item : items_)
    if (item.is_record) records.push_back(item);
  return records;
}

void LiveRing::wake_all() {
  constexpr std::uint64_t one = 1;
  for (const Watcher* watcher : watchers_)
    if (watcher->event_fd_ >= 0 && ::write(watcher->event_fd_, &one, sizeof one) < 0)
      continue;  // it is awake
}

}  // namespace airouterd::store
