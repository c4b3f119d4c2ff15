#pragma once

#include <memory>
#include <thread>
#include <vector>

#include <airouter/call_handle.h>
#include <airouter/result.h>

namespace airouter::engine {

// The threads that started calls run on: made when one is needed, kept for the next one, at most `max`. They
// block all signals, which are the host's to handle. Thread-safe, but the end and the destruction: once, by
// the owner.
class CallThreads {
 public:
  explicit CallThreads(int max);
  ~CallThreads();  // end()
  CallThreads(const CallThreads&) = delete;
  CallThreads& operator=(const CallThreads&) = delete;

  // overloaded: all threads are busy and there may be no more of them, or none is to be had.
  Result<void> run(std::shared_ptr<CallHandle::Implementation> call);

  // Cancels every call and waits for its end. A callback that ends its own router is not waited for: its
  // thread ends by itself, once the callback has returned. Does nothing the second time.
  void end();

 private:
  struct Shared;
  static void serve(const std::shared_ptr<Shared>& shared);
  bool add_thread();

  // Constant after construction.
  const std::size_t max_;
  const std::shared_ptr<Shared> shared_;  // with the threads; own synchronization

  std::vector<std::thread> threads_{};  // guarded by the mutex in shared_
};

}  // namespace airouter::engine
