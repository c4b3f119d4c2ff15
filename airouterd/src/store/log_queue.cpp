#include "store/log_queue.h"

#include <utility>

namespace airouterd::store {
namespace {

// A busy server wakes the writing thread this often at most; live views lag behind by as much.
constexpr std::chrono::milliseconds gathering_time{40};

}  // namespace

void LogQueue::push(LogEvent event, bool is_passing) {
  const std::scoped_lock lock(mutex_);
  if (events_.size() >= (is_passing ? events_max_ / 2 : events_max_)) {
    ++dropped_;
    return;
  }
  events_.push_back(std::move(event));
  ++pushed_count_;
  if (is_waiting_) pushed_.notify_one();
}

bool LogQueue::take(std::vector<LogEvent>& batch, std::chrono::milliseconds patience) {
  batch.clear();
  std::unique_lock lock(mutex_);
  dealt_count_ = taken_count_;
  dealt_with_.notify_all();
  if (!is_closed_ && !is_hurried_)
    pushed_.wait_for(lock, gathering_time, [this] { return is_closed_ || is_hurried_; });
  is_waiting_ = true;
  pushed_.wait_for(lock, patience, [this] { return !events_.empty() || is_closed_ || is_hurried_; });
  is_waiting_ = false;
  is_hurried_ = false;
  batch.swap(events_);
  taken_count_ += batch.size();
  return !is_closed_ || !batch.empty();
}

void LogQueue::flush(std::chrono::milliseconds patience) {
  std::unique_lock lock(mutex_);
  const std::uint64_t wanted = pushed_count_;
  if (dealt_count_ >= wanted || is_closed_) return;
  is_hurried_ = true;
  pushed_.notify_one();
  dealt_with_.wait_for(lock, patience, [&] { return dealt_count_ >= wanted; });
}

void LogQueue::close() {
  const std::scoped_lock lock(mutex_);
  is_closed_ = true;
  pushed_.notify_one();
}

std::uint64_t LogQueue::dropped() const {
  const std::scoped_lock lock(mutex_);
  return dropped_;
}

}  // namespace airouterd::store
