#include "line_writer.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <climits>
#include <poll.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace airouterd {
namespace {

using namespace std::chrono_literals;

constexpr auto gathering_time = 50ms;
constexpr auto patience = 1s;
constexpr int look_up_milliseconds = 100;

std::string note_of(std::size_t dropped) {
  return dropped == 0 ? std::string()
                      : "(" + std::to_string(dropped) + " lines left out: nobody read them)\n";
}

}  // namespace

LineWriter::LineWriter(int fd) : fd_(fd) {
  try {
    thread_ = std::thread([this] { run(); });
  } catch (const std::system_error&) {
    is_late_ = true;  // write() does it, and waits for nobody for long
  }
}

LineWriter::~LineWriter() {
  if (!thread_.joinable()) return;
  flush();
  {
    const std::lock_guard lock(mutex_);
    is_closed_ = true;
    is_late_ = true;
    said_.notify_all();
  }
  thread_.join();
}

void LineWriter::write(std::string_view lines) {
  if (!thread_.joinable()) {
    const std::lock_guard lock(mutex_);
    return write_all(lines);
  }
  const std::lock_guard lock(mutex_);
  if (queued_.size() + lines.size() > queued_bytes_max) {
    dropped_ += static_cast<std::size_t>(std::count(lines.begin(), lines.end(), '\n'));
    return;
  }
  queued_.append(lines);
  if (is_waiting_) said_.notify_one();
}

void LineWriter::flush() {
  std::unique_lock lock(mutex_);
  if (!thread_.joinable()) return;
  said_.notify_one();
  written_.wait_for(lock, patience, [this] { return queued_.empty() && !is_writing_; });
}

void LineWriter::run() {
  std::unique_lock lock(mutex_);
  while (!is_closed_ || !queued_.empty()) {
    is_waiting_ = true;
    said_.wait(lock, [this] { return !queued_.empty() || is_closed_; });
    is_waiting_ = false;
    const std::string text = std::exchange(queued_, {}) + note_of(std::exchange(dropped_, 0));
    is_writing_ = true;
    lock.unlock();
    write_all(text);
    lock.lock();
    is_writing_ = false;
    written_.notify_all();
    // Whoever flushes or closes notifies, others do not: a busy server wakes this thread twenty times a
    // second.
    if (!is_closed_) said_.wait_for(lock, gathering_time);
  }
}

// In pieces that a pipe takes whole once it has room, so that a write never blocks.
void LineWriter::write_all(std::string_view text) {
  while (!text.empty()) {
    pollfd ready{fd_, POLLOUT, 0};
    const int count = ::poll(&ready, 1, look_up_milliseconds);
    if (count < 0 && errno != EINTR) return;
    if (count <= 0) {
      if (is_late_) return;
      continue;
    }
    const auto written = ::write(fd_, text.data(), std::min<std::size_t>(text.size(), PIPE_BUF));
    if (written > 0) {
      text.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno != EINTR && errno != EAGAIN) {
      return;  // nobody will ever read
    }
  }
}

}  // namespace airouterd
