#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include <airouter/call_handle.h>

#include "engine/core.h"

namespace airouter {

// A call for a thread of the router's. Thread-safe, but run(): once, by that thread. Shared by the handle and
// the thread.
class CallHandle::Implementation {
 public:
  Implementation(std::shared_ptr<engine::Core> core, ChatRequest request, StreamCallbacks callbacks,
                 const CallOptions& options);

  // Until on_done has returned; lets go of the callbacks.
  void run() noexcept;

  void cancel() noexcept { interrupt_.trigger(); }
  bool wait_until(std::optional<TimePoint> until) const;
  bool is_done() const;

 private:
  // What it takes to run, gone once it has run.
  struct Work {
    std::shared_ptr<engine::Core> core;
    ChatRequest request;
    StreamCallbacks callbacks;
    CallOptions options;
  };

  Interrupt interrupt_{};  // own synchronization

  std::optional<Work> work_;  // used by one thread

  // Guarded by mutex_.
  mutable std::mutex mutex_{};
  mutable std::condition_variable finished_{};
  std::thread::id runner_{};
  bool is_done_ = false;
};

}  // namespace airouter
