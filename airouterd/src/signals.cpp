#include "signals.h"

#include <csignal>
#include <ctime>

namespace airouterd {
namespace {

sigset_t awaited() {
  sigset_t set;
  sigemptyset(&set);
  for (const int number : {SIGHUP, SIGTERM, SIGINT})
    sigaddset(&set, number);
  return set;
}

}  // namespace

void block_signals() {
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
  const sigset_t set = awaited();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

Signal wait_for_signal(std::chrono::milliseconds patience) {
  const sigset_t set = awaited();
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(patience);
  const timespec time{seconds.count(), std::chrono::nanoseconds(patience - seconds).count()};
  const int number = ::sigtimedwait(&set, nullptr, &time);
  if (number == SIGHUP) return Signal::reload;
  return number == SIGTERM || number == SIGINT ? Signal::stop : Signal::none;
}

}  // namespace airouterd
