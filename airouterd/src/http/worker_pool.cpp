#include "http/worker_pool.h"

#include <chrono>
#include <utility>

#include "base/limits.h"

namespace airouterd::http {
namespace {

// Virtual memory only; deep enough for std::regex, which recurses.
constexpr std::size_t stack_bytes = 2 * airouter::limits::mebibyte;

constexpr std::chrono::seconds idle_max{30};

}  // namespace

WorkerPool::~WorkerPool() {
  join();
}

bool WorkerPool::run(const std::function<void()>& work) {
  std::vector<pthread_t> left;
  {
    const std::lock_guard lock(mutex_);
    if (is_closed_) return false;
    work_.push_back(work);
    left.swap(left_);
    if (work_.size() <= idle_) {
      work_came_.notify_one();
    } else if (threads_ >= threads_max_ || !start_thread()) {
      work_.pop_back();
      left.swap(left_);
      return false;
    }
  }
  join_all(left);
  return true;
}

// The thread that starts counts as idle until it takes its work.
bool WorkerPool::start_thread() {
  pthread_attr_t attributes;
  if (::pthread_attr_init(&attributes) != 0) return false;
  ::pthread_attr_setstacksize(&attributes, stack_bytes);
  pthread_t thread{};
  const bool started = ::pthread_create(&thread, &attributes, thread_main, this) == 0;
  ::pthread_attr_destroy(&attributes);
  if (!started) return false;
  ++threads_;
  ++idle_;
  return true;
}

void* WorkerPool::thread_main(void* pool) {
  static_cast<WorkerPool*>(pool)->serve();
  return nullptr;
}

void WorkerPool::serve() {
  std::unique_lock lock(mutex_);
  while (true) {
    work_came_.wait_for(lock, idle_max, [this] { return !work_.empty() || is_closed_; });
    if (work_.empty()) break;
    auto work = std::move(work_.front());
    work_.pop_front();
    --idle_;
    lock.unlock();
    work();
    work = nullptr;
    lock.lock();
    ++idle_;
  }
  --idle_;
  --threads_;
  left_.push_back(::pthread_self());
  thread_left_.notify_all();
}

void WorkerPool::join() {
  std::vector<pthread_t> left;
  {
    std::unique_lock lock(mutex_);
    is_closed_ = true;
    work_came_.notify_all();
    thread_left_.wait(lock, [this] { return threads_ == 0; });
    left.swap(left_);
  }
  join_all(left);
}

void WorkerPool::join_all(std::vector<pthread_t>& threads) {
  for (const auto thread : threads)
    ::pthread_join(thread, nullptr);
}

}  // namespace airouterd::http
