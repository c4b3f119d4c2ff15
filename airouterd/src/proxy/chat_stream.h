#pragma once

#include <chrono>

#include <airouter/call.h>

#include "http/message.h"
#include "proxy/gate.h"

namespace airouterd::proxy {

// The body of a streamed answer: whole events as they come, comments while nothing comes, and one error event
// if it breaks. Used by one thread.
class ChatStream final : public http::StreamBody {
 public:
  ChatStream(airouter::Call call, Gate::Ticket ticket, std::chrono::milliseconds keepalive)
      : call_(std::move(call)), ticket_(std::move(ticket)), keepalive_(keepalive) {}

  bool run(http::Sink& sink) noexcept override;

 private:
  airouter::Call call_;
  Gate::Ticket ticket_;
  const std::chrono::milliseconds keepalive_;
};

}  // namespace airouterd::proxy
