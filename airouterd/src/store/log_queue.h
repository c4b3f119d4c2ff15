#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <vector>

#include "store/log_event.h"

namespace airouterd::store {

// Between those who tell the log and the thread that writes it. Bounded: what does not fit is dropped and
// counted, and nobody waits. What only shows a request on its way has half of the room, so that ends of
// requests are the last to be lost. Thread-safe; one thread takes.
class LogQueue {
 public:
  explicit LogQueue(std::size_t events_max) : events_max_(events_max) {}

  void push(LogEvent event, bool is_passing);

  // What came since the last call, at least something unless `patience` passes, somebody flushes or closes
  // the queue. What came while the last batch was dealt with is gathered for a moment first. `batch` is
  // emptied, its memory used again. False: closed, and empty.
  bool take(std::vector<LogEvent>& batch, std::chrono::milliseconds patience);

  // Returns when all that was pushed before has been taken and dealt with, or after `patience`.
  void flush(std::chrono::milliseconds patience);

  void close();
  std::uint64_t dropped() const;

 private:
  const std::size_t events_max_;

  // Guarded by mutex_.
  mutable std::mutex mutex_{};
  std::condition_variable pushed_{}, dealt_with_{};
  std::vector<LogEvent> events_{};
  std::uint64_t pushed_count_ = 0, taken_count_ = 0, dealt_count_ = 0, dropped_ = 0;
  bool is_waiting_ = false, is_hurried_ = false, is_closed_ = false;
};

}  // namespace airouterd::store
