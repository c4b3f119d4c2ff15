#pragma once

#include "admin/context.h"
#include "admin/request.h"
#include "http/message.h"

// What everybody may know about a running server: GET /, /health and /stats.
namespace airouterd::admin {

http::Reply show_service(const Context& context, Request& request);

// 503 while draining, 200 otherwise.
http::Reply show_health(const Context& context, Request& request);

http::Reply show_stats(const Context& context, Request& request);

}  // namespace airouterd::admin
