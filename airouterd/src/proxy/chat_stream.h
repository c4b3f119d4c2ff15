#pragma once

#include <chrono>

#include <airouter/call.h>
#include <airouter/transport.h>

#include "http/message.h"
#include "proxy/gate.h"

namespace airouterd::proxy {

// The body of a streamed answer: whole events as they come, comments while nothing comes, and, if it breaks,
// one error event before the body is cut. Used by one thread; the interrupt must outlive it.
class ChatStream final : public http::StreamBody {
 public:
  ChatStream(airouter::Call call, Gate::Ticket ticket, std::chrono::milliseconds keepalive,
             const airouter::Interrupt& client)
      : call_(std::move(call)), ticket_(std::move(ticket)), keepalive_(keepalive), client_(client) {}

  bool run(http::Sink& sink) override;

 private:
  void break_off(http::Sink& sink, const airouter::Error& error) const;

  airouter::Call call_;
  Gate::Ticket ticket_;
  const std::chrono::milliseconds keepalive_;
  const airouter::Interrupt& client_;  // fires when the client leaves
};

}  // namespace airouterd::proxy
