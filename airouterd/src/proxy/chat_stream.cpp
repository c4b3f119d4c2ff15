#include "proxy/chat_stream.h"

#include <string>

#include <airouter/clock.h>

namespace airouterd::proxy {
namespace {

// Exactly this comment: some clients drop the rest of the packet after others (Continue after ": ping").
constexpr std::string_view keepalive_comment = ": keep-alive\n\n";

// How long a broken stream stays open behind its error event, for clients that read slowly.
constexpr std::chrono::milliseconds time_to_read{500};

// The provider's own body may hold line ends, which no single event can: the message stands for it.
std::string error_event(airouter::Error error) {
  error.body.clear();
  return "data: " + airouter::error_body(error) + "\n\n";
}

}  // namespace

bool ChatStream::run(http::Sink& sink) {
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
        if (call_.error().code != airouter::ErrorCode::cancelled) {
          break_off(sink, call_.error());
        } else if (ticket_.is_draining()) {
          break_off(sink, shutdown_error());
        }
        return false;
    }
  }
}

// Some clients show an error event only to those who ask for it, and take what came before for the answer
// (the text of Vercel's AI SDK): for them the body is cut as well. Others drop what they have not read yet
// when it is (fetch), so the cut comes after they have had time to.
void ChatStream::break_off(http::Sink& sink, const airouter::Error& error) const {
  if (!sink.write(error_event(error))) return;
  const auto clock = airouter::make_system_clock();
  // A drain has fired the interrupt of clients that are still there.
  clock->sleep_until(clock->now() + time_to_read, ticket_.is_draining() ? nullptr : &client_);
}

}  // namespace airouterd::proxy
