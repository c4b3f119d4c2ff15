#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <pthread.h>
#include <vector>

namespace airouterd::http {

// Threads that grow with the work, are used again, and go when they have idled for a while. No work ever
// waits for a thread: it gets one or is refused. Thread-safe; `join` must be called before it is destroyed.
class WorkerPool {
 public:
  explicit WorkerPool(std::size_t threads_max) noexcept : threads_max_(threads_max) {}
  ~WorkerPool();
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  // Runs `work`, which must not throw, on a thread of its own. False: all threads are taken, or the system
  // has none left; nothing was run.
  bool run(const std::function<void()>& work);

  // Waits until all work is done. Nothing is taken afterwards.
  void join();

 private:
  static void* thread_main(void* pool);
  void serve();
  bool start_thread();
  static void join_all(std::vector<pthread_t>& threads);

  const std::size_t threads_max_;

  // guarded by mutex_
  std::mutex mutex_{};
  std::condition_variable work_came_{}, thread_left_{};
  std::deque<std::function<void()>> work_{};  // never longer than the number of idle threads
  std::vector<pthread_t> left_{};             // threads that have ended or are about to
  std::size_t threads_ = 0, idle_ = 0;
  bool is_closed_ = false;
};

}  // namespace airouterd::http
