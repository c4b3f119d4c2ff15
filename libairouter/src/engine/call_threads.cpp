#include "engine/call_threads.h"

#include <algorithm>
#include <condition_variable>
#include <csignal>
#include <deque>
#include <mutex>
#include <system_error>
#include <utility>

#include "engine/started_call.h"

namespace airouter::engine {
namespace {

using StartedCall = std::shared_ptr<CallHandle::Implementation>;

// While one lives, threads that are made inherit that no signal is handled on them.
class SignalsBlocked {
 public:
  SignalsBlocked() {
    sigset_t all;
    sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~SignalsBlocked() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;

 private:
  sigset_t before_{};
};

Error overloaded(const char* message) {
  return {.code = ErrorCode::overloaded, .message = message, .retry_after = std::chrono::seconds(1)};
}

}  // namespace

struct CallThreads::Shared {
  std::mutex mutex{};

  // Guarded by mutex.
  std::condition_variable changed{};
  std::deque<StartedCall> waiting{};  // never more than `idle` threads and those being made
  std::vector<StartedCall> running{};
  std::size_t idle = 0;
  bool is_ending = false;
};

CallThreads::CallThreads(int max)
    : max_(static_cast<std::size_t>(std::max(max, 0))), shared_(std::make_shared<Shared>()) {}

CallThreads::~CallThreads() {
  end();
}

Result<void> CallThreads::run(StartedCall call) {
  const std::scoped_lock lock(shared_->mutex);
  if (shared_->is_ending) return Error{.code = ErrorCode::cancelled, .message = "the router is going away"};
  if (shared_->waiting.size() == shared_->idle) {
    if (threads_.size() >= max_) return overloaded("as many calls are started as there may be threads");
    if (!add_thread()) return overloaded("no thread is to be had; try again in a moment");
  }
  shared_->waiting.push_back(std::move(call));
  shared_->changed.notify_one();
  return {};
}

// It counts as idle from the beginning: the call it is made for waits already.
bool CallThreads::add_thread() {
  const SignalsBlocked blocked;
  try {
    threads_.emplace_back([shared = shared_] { serve(shared); });
  } catch (const std::exception&) {
    return false;
  }
  ++shared_->idle;
  return true;
}

void CallThreads::serve(const std::shared_ptr<Shared>& shared) {
  std::unique_lock lock(shared->mutex);
  for (;;) {
    shared->changed.wait(lock, [&] { return !shared->waiting.empty() || shared->is_ending; });
    if (shared->waiting.empty()) return;
    StartedCall call = std::move(shared->waiting.front());
    shared->waiting.pop_front();
    --shared->idle;
    shared->running.push_back(call);
    lock.unlock();
    call->run();
    lock.lock();
    std::erase(shared->running, call);
    ++shared->idle;
    // A handle that is let go of elsewhere leaves the last reference here: not under the lock.
    lock.unlock();
    call.reset();
    lock.lock();
  }
}

void CallThreads::end() {
  std::vector<std::thread> threads;
  {
    const std::scoped_lock lock(shared_->mutex);
    shared_->is_ending = true;
    for (const StartedCall& call : shared_->running)
      call->cancel();
    for (const StartedCall& call : shared_->waiting)
      call->cancel();
    threads.swap(threads_);
    shared_->changed.notify_all();
  }
  for (std::thread& thread : threads) {
    if (thread.get_id() == std::this_thread::get_id()) {
      thread.detach();
    } else {
      thread.join();
    }
  }
}

}  // namespace airouter::engine
