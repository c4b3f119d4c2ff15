#include "demo/script_runner.h"

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace airouterd::demo {
namespace {

using Outcome = StoppableSocket::Outcome;

ScriptEnd end_of(Outcome outcome) {
  if (outcome == Outcome::gone) return ScriptEnd::peer_left;
  return outcome == Outcome::stopped ? ScriptEnd::stopped : ScriptEnd::done;
}

ScriptEnd pause_for(const Step& step, StoppableSocket& socket) {
  return step.pause.count() > 0 ? end_of(socket.wait(step.pause)) : ScriptEnd::done;
}

ScriptEnd send_once(const Step& step, StoppableSocket& socket, std::atomic<std::uint64_t>& bytes_sent) {
  std::string_view rest = step.bytes;
  const std::size_t piece_bytes = step.piece_bytes > 0 ? step.piece_bytes : rest.size();
  while (!rest.empty()) {
    const std::string_view piece = rest.substr(0, piece_bytes);
    const Outcome outcome = socket.send(piece, bytes_sent);
    if (outcome != Outcome::ready) return end_of(outcome);
    rest.remove_prefix(piece.size());
    if (const ScriptEnd end = pause_for(step, socket); end != ScriptEnd::done) return end;
  }
  return ScriptEnd::done;
}

ScriptEnd send_all(const Step& step, StoppableSocket& socket, std::atomic<std::uint64_t>& bytes_sent) {
  if (step.bytes.empty()) return ScriptEnd::done;
  for (std::size_t i = 0; step.count == 0 || i < step.count; ++i)
    if (const ScriptEnd end = send_once(step, socket, bytes_sent); end != ScriptEnd::done) return end;
  return ScriptEnd::done;
}

ScriptEnd run_step(const Step& step, StoppableSocket& socket, std::atomic<std::uint64_t>& bytes_sent) {
  switch (step.kind) {
    case Step::Kind::send:
      return send_all(step, socket, bytes_sent);
    case Step::Kind::pause:
      return pause_for(step, socket);
    case Step::Kind::half_close:
      socket.half_close();
      return ScriptEnd::done;
    case Step::Kind::close:
      socket.close();
      return ScriptEnd::closed;
    case Step::Kind::reset:
      socket.reset();
      return ScriptEnd::closed;
    case Step::Kind::hang:
      return end_of(socket.wait(StoppableSocket::for_ever));
  }
  return ScriptEnd::done;
}

}  // namespace

ScriptEnd run(const Script& script, StoppableSocket& socket, std::atomic<std::uint64_t>& bytes_sent) {
  for (const Step& step : script.steps())
    if (const ScriptEnd end = run_step(step, socket, bytes_sent); end != ScriptEnd::done) return end;
  return ScriptEnd::done;
}

}  // namespace airouterd::demo
