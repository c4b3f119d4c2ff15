#pragma once

#include <chrono>
#include <memory>

#include <airouter/export.h>

namespace airouter {

// A call that runs on a thread of its router's. Thread-safe. Copies stand for the same call. Letting go of
// all of them neither cancels nor waits: the call runs on, and its callbacks tell how it ends. May outlive
// the router, whose end cancels the call.
class AIROUTER_EXPORT CallHandle {
 public:
  class AIROUTER_INTERNAL Implementation;
  explicit CallHandle(std::shared_ptr<Implementation> implementation) noexcept;
  CallHandle(const CallHandle&) noexcept;
  CallHandle& operator=(const CallHandle&) noexcept;
  CallHandle(CallHandle&&) noexcept;  // what is left stands for a call that is over
  CallHandle& operator=(CallHandle&&) noexcept;
  ~CallHandle();

  // Asks the call to end, and does not wait: on_done is told `cancelled`, unless the call ends by itself
  // before. From any thread, also from a callback.
  void cancel() noexcept;

  // Blocks until on_done has returned and the callbacks are destroyed. False, at once: a callback of this
  // very call asks, and would wait for itself.
  bool wait() const;

  // The same for a time of the steady clock. False also if it has passed.
  bool wait_for(std::chrono::milliseconds at_most) const;

  bool is_done() const noexcept;

 private:
  std::shared_ptr<Implementation> implementation_;
};

}  // namespace airouter
