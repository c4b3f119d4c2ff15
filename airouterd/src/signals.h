#pragma once

#include <chrono>

namespace airouterd {

enum class Signal { none, reload, stop };

// Takes SIGHUP, SIGTERM and SIGINT out of their ordinary course, for every thread that is started later, and
// ignores SIGPIPE and SIGXFSZ: a client that leaves and a full disk are reported where they happen. Call
// before any thread.
void block_signals();

// The next of them, or none after `patience`.
Signal wait_for_signal(std::chrono::milliseconds patience);

}  // namespace airouterd
