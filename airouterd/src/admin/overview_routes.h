#pragma once

#include "admin/context.h"
#include "admin/request.h"
#include "http/message.h"

namespace airouterd::admin {

// A day at a glance: today, hour by hour, or the 24 hours that end with this one.
http::Reply show_overview(const Context& context, Request& request);

}  // namespace airouterd::admin
