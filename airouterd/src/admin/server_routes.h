#pragma once

#include "admin/context.h"
#include "admin/request.h"
#include "http/message.h"

// The running server: what tripped is reset, its config is read and changed.
namespace airouterd::admin {

// Closes a provider's breakers; `?model=` only those of one model. Counters stay.
http::Reply reset_provider(const Context& context, Request& request);
http::Reply reset_all(const Context& context, Request& request);

// A file that cannot be used keeps the running config: 400 with `problems`.
http::Reply reload_config(const Context& context, Request& request);

// Effective values, secrets masked, and where each comes from.
http::Reply show_config(const Context& context, Request& request);

// A merge patch (RFC 7396) of everything but providers, model_map and admin.
http::Reply change_config(const Context& context, Request& request);

}  // namespace airouterd::admin
