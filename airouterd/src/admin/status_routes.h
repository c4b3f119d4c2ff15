#pragma once

#include "admin/context.h"
#include "admin/request.h"
#include "base/json.h"
#include "http/message.h"

// What everybody may know about a running server: GET /, /health and /stats.
namespace airouterd::admin {

http::Reply show_service(const Context& context, Request& request);

// 503 while draining, 200 otherwise. Degraded, too, while the log cannot be written.
http::Reply show_health(const Context& context, Request& request);

http::Reply show_stats(const Context& context, Request& request);

// What GET /stats answers, as an object.
void write_stats(airouter::json::Writer& writer, const Context& context, const Request& request);

}  // namespace airouterd::admin
