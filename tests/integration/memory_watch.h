#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <thread>

#include "support/child_process.h"

// Looks at a child's anonymous memory all the time and remembers the most there was, while it lives.
class MemoryWatch {
 public:
  explicit MemoryWatch(const ChildProcess& process)
      : process_(process), begin_kib_(look()), peak_kib_(begin_kib_), thread_([this] { run(); }) {}
  ~MemoryWatch() {
    is_over_ = true;
    thread_.join();
  }
  MemoryWatch(const MemoryWatch&) = delete;
  MemoryWatch& operator=(const MemoryWatch&) = delete;

  // In KiB, over what there was at the beginning.
  long growth() const { return look() - begin_kib_; }
  long peak_growth() const { return std::max(peak_kib_.load(), look()) - begin_kib_; }

 private:
  long look() const { return process_.memory_kib("RssAnon"); }
  void run() {
    while (!is_over_) {
      peak_kib_ = std::max(peak_kib_.load(), look());
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
  }

  const ChildProcess& process_;
  const long begin_kib_;              // constant after construction
  std::atomic<long> peak_kib_;        // own synchronization
  std::atomic<bool> is_over_{false};  // own synchronization
  std::thread thread_;                // the last one: it uses the others
};
