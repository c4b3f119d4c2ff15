#include "engine/started_call.h"

#include <algorithm>
#include <utility>

#include "engine/call_loop.h"
#include "engine/call_run.h"

namespace airouter {

CallHandle::Implementation::Implementation(std::shared_ptr<engine::Core> core, ChatRequest request,
                                           StreamCallbacks callbacks, const CallOptions& options)
    : work_(Work{std::move(core), std::move(request), std::move(callbacks), options}) {
  work_->options.interrupt = &interrupt_;
}

void CallHandle::Implementation::run() noexcept {
  {
    const std::scoped_lock lock(mutex_);
    runner_ = std::this_thread::get_id();
  }
  engine::run_call(work_->core, std::move(work_->request), work_->callbacks, work_->options);
  // Before anybody who waits goes on: what the callbacks hold may be theirs.
  work_.reset();
  const std::scoped_lock lock(mutex_);
  runner_ = {};
  is_done_ = true;
  finished_.notify_all();
}

bool CallHandle::Implementation::wait_until(std::optional<TimePoint> until) const {
  std::unique_lock lock(mutex_);
  if (runner_ == std::this_thread::get_id()) return false;
  const auto is_done = [this] { return is_done_; };
  if (until) return finished_.wait_until(lock, *until, is_done);
  finished_.wait(lock, is_done);
  return true;
}

bool CallHandle::Implementation::is_done() const {
  const std::scoped_lock lock(mutex_);
  return is_done_;
}

CallHandle::CallHandle(std::shared_ptr<Implementation> implementation) noexcept
    : implementation_(std::move(implementation)) {}
CallHandle::CallHandle(const CallHandle&) noexcept = default;
CallHandle& CallHandle::operator=(const CallHandle&) noexcept = default;
CallHandle::CallHandle(CallHandle&&) noexcept = default;
CallHandle& CallHandle::operator=(CallHandle&&) noexcept = default;
CallHandle::~CallHandle() = default;

void CallHandle::cancel() noexcept {
  if (implementation_) implementation_->cancel();
}

bool CallHandle::wait() const {
  return !implementation_ || implementation_->wait_until({});
}

bool CallHandle::wait_for(std::chrono::milliseconds at_most) const {
  if (!implementation_) return true;
  const auto bounded = std::clamp<std::chrono::milliseconds>(at_most, {}, limits::call_time_max);
  return implementation_->wait_until(std::chrono::steady_clock::now() + bounded);
}

bool CallHandle::is_done() const noexcept {
  return !implementation_ || implementation_->is_done();
}

}  // namespace airouter
