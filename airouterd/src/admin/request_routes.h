#pragma once

#include "admin/context.h"
#include "admin/request.h"
#include "http/message.h"

// Requests, each with who was tried: those on their way and those that have ended.
namespace airouterd::admin {

http::Reply list_requests(const Context& context, Request& request);
http::Reply show_request(const Context& context, Request& request);

}  // namespace airouterd::admin
