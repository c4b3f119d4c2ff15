#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

namespace airouterd {

// Writes lines to a descriptor from a thread of its own, so that nobody who has something to say waits for
// whoever reads: a terminal that is paused, a pipe that is full. Lines never mix. What does not fit is
// dropped, and a line tells how many were. The first line after a silence leaves at once, those that follow
// are gathered for up to `gathering_time`. Without memory for a thread, lines are written where they are
// said. Thread-safe. The destructor gives the reader a last second.
class LineWriter {
 public:
  static constexpr std::size_t queued_bytes_max = 256 * 1024;

  // The descriptor stays the caller's.
  explicit LineWriter(int fd);
  ~LineWriter();
  LineWriter(const LineWriter&) = delete;
  LineWriter& operator=(const LineWriter&) = delete;

  // Takes whole lines, each with its line end.
  void write(std::string_view lines);

  // Waits until all that was said before has been written, for at most a second.
  void flush();

 private:
  void run();
  void write_all(std::string_view text);

  const int fd_;  // constant after construction

  std::atomic<bool> is_late_{false};  // own synchronization: the last second has passed

  // guarded by mutex_
  std::mutex mutex_{};
  std::condition_variable said_{}, written_{};
  std::string queued_{};
  std::size_t dropped_ = 0;
  bool is_waiting_ = false, is_writing_ = false, is_closed_ = false;

  std::thread thread_{};  // the last one: it uses all the others
};

}  // namespace airouterd
