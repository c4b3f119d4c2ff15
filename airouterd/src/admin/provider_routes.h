#pragma once

#include "admin/context.h"
#include "admin/request.h"
#include "http/message.h"

// /api/providers: the providers of the config, read and changed.
namespace airouterd::admin {

http::Reply list_providers(const Context& context, Request& request);
http::Reply show_provider(const Context& context, Request& request);
http::Reply add_provider(const Context& context, Request& request);

// Merges what is given; the name stays. A key is never carried to another place than it was given for.
http::Reply change_provider(const Context& context, Request& request);
http::Reply remove_provider(const Context& context, Request& request);

}  // namespace airouterd::admin
