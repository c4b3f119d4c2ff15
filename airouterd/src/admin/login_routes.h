#pragma once

#include "admin/context.h"
#include "admin/request.h"
#include "http/message.h"

// POST /api/login: a password for a token.
namespace airouterd::admin {

http::Reply log_in(const Context& context, Request& request);

}  // namespace airouterd::admin
