#pragma once

#include <atomic>
#include <cstdint>

#include "demo/script.h"
#include "demo/stoppable_socket.h"

namespace airouterd::demo {

enum class ScriptEnd {
  done,    // the connection stands
  closed,  // the script ended the connection
  peer_left,
  stopped,
};

// Does what `script` says. Adds to `bytes_sent` what the kernel has taken, as it goes.
ScriptEnd run(const Script& script, StoppableSocket& socket, std::atomic<std::uint64_t>& bytes_sent);

}  // namespace airouterd::demo
