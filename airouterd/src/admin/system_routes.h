#pragma once

#include "admin/context.h"
#include "admin/request.h"
#include "http/message.h"

namespace airouterd::admin {

// The whole server in one answer: /stats, keys, today's log, and what it runs on.
http::Reply show_system(const Context& context, Request& request);

}  // namespace airouterd::admin
