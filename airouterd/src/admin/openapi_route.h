#pragma once

#include "admin/context.h"
#include "admin/request.h"
#include "http/message.h"

namespace airouterd::admin {

// GET /openapi.json: docs/openapi.json, which is part of the program.
http::Reply show_openapi(const Context& context, Request& request);

}  // namespace airouterd::admin
