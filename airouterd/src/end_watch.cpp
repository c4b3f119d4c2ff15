#include "end_watch.h"

#include <chrono>
#include <cstdlib>
#include <optional>
#include <system_error>
#include <unistd.h>

#include "line_writer.h"
#include "options.h"
#include "signals.h"

namespace airouterd {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

// For the last saves, once somebody is in a hurry. As long as one waits for a folder's lock.
constexpr auto disk_time = 5s;

}  // namespace

EndWatch::~EndWatch() {
  is_over_ = true;
  if (thread_.joinable()) thread_.join();
}

void EndWatch::begin(bool is_asked_again) noexcept {
  try {
    thread_ = std::thread([this, is_asked_again] { run(is_asked_again); });
  } catch (const std::system_error&) {
    // The process ends when the disk lets it.
  }
}

void EndWatch::run(bool is_asked_again) const {
  std::optional<steady_clock::time_point> until;
  while (!is_over_) {
    if (is_asked_again && !until) until = steady_clock::now() + disk_time;
    if (until && steady_clock::now() >= *until) {
      LineWriter errors(STDERR_FILENO);
      errors.write("the disk does not answer; what was not saved is lost\n");
      errors.flush();
      std::_Exit(static_cast<int>(ExitCode::failed));
    }
    is_asked_again = wait_for_signal(5ms) == Signal::stop || is_asked_again;
  }
}

}  // namespace airouterd
