#include "stream.h"

#include <utility>

namespace {

// What waits for JavaScript: enough that a busy loop does not slow a provider down at once.
constexpr std::size_t items_max = 256;
constexpr std::size_t bytes_max = std::size_t{1024} * 1024;

}  // namespace

void Stream::wake_by(napi_threadsafe_function wake) {
  const std::scoped_lock lock(mutex_);
  wake_ = wake;
}

void Stream::forget_wake() {
  wake_by(nullptr);
}

bool Stream::put(Item item) {
  std::unique_lock lock(mutex_);
  const bool is_done = item.kind == Item::Kind::done;
  const auto has_room = [this] {
    return !waits_for_room_ || (items_.size() < items_max && bytes_ < bytes_max);
  };
  if (!is_done) room_.wait(lock, has_room);
  if (!is_abandoned_) {
    bytes_ += item.first.size() + item.second.size();
    items_.push_back(std::move(item));
    if (items_.size() == 1) call_wake();
  }
  if (is_done) release_wake();
  return !is_abandoned_;
}

std::deque<Stream::Item> Stream::take() {
  const std::scoped_lock lock(mutex_);
  bytes_ = 0;
  room_.notify_all();
  return std::exchange(items_, {});
}

void Stream::keep_loop_alive(napi_env env, bool alive) {
  const std::scoped_lock lock(mutex_);
  if (wake_ == nullptr || has_released_) return;
  if (alive) {
    napi_ref_threadsafe_function(env, wake_);
  } else {
    napi_unref_threadsafe_function(env, wake_);
  }
}

void Stream::stop_waiting() {
  const std::scoped_lock lock(mutex_);
  waits_for_room_ = false;
  room_.notify_all();
}

void Stream::abandon() {
  stop_waiting();
  const std::scoped_lock lock(mutex_);
  is_abandoned_ = true;
  if (!std::exchange(has_released_, true)) release_wake();
}

void Stream::call_wake() {
  if (wake_ == nullptr || has_released_) return;
  if (napi_call_threadsafe_function(wake_, nullptr, napi_tsfn_nonblocking) == napi_closing) wake_ = nullptr;
}

void Stream::release_wake() {
  if (wake_ != nullptr) napi_release_threadsafe_function(wake_, napi_tsfn_release);
}
