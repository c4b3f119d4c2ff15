#pragma once

#include "admin/context.h"
#include "admin/request.h"
#include "http/message.h"

// What happens, as it happens: server-sent events that go on from Last-Event-ID. One who reads too slowly, or
// comes back too late, gets an event `dropped` with how many it missed, null if nobody knows. They end when
// the server does.
namespace airouterd::admin {

// Records of the log.
http::Reply stream_logs(const Context& context, Request& request);

// Requests: `start`, `attempt` and `end`.
http::Reply stream_requests(const Context& context, Request& request);

}  // namespace airouterd::admin
