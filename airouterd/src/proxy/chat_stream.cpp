#include "proxy/chat_stream.h"

#include <string>

namespace airouterd::proxy {
namespace {

// Exactly this comment: some clients drop the rest of the packet after others (Continue after ": ping").
constexpr std::string_view keepalive_comment = ": keep-alive\n\n";

// The provider's own body may hold line ends, which no single event can: the message stands for it.
std::string error_event(airouter::Error error) {
  error.body.clear();
  return "data: " + airouter::error_body(error) + "\n\n";
}

}  // namespace

bool ChatStream::run(http::Sink& sink) noexcept {
  using Event = airouter::Call::Event;
  // Waiting clients see at once that somebody is at work; else the head goes out with the first event.
  if (!call_.is_committed() && !sink.write({})) return false;
  for (;;) {
    switch (call_.next(std::chrono::steady_clock::now() + keepalive_)) {
      case Event::committed:
        break;
      case Event::data:
        if (!sink.write(call_.data())) return false;
        break;
      case Event::idle:
        if (!sink.write(keepalive_comment)) return false;
        break;
      case Event::end:
        return true;
      case Event::failed:
        if (call_.error().code != airouter::ErrorCode::cancelled)
          return sink.write(error_event(call_.error()));
        return ticket_.is_draining() && sink.write(error_event(shutdown_error()));
    }
  }
}

}  // namespace airouterd::proxy
