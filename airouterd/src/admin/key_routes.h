#pragma once

#include <vector>

#include "admin/context.h"
#include "admin/request.h"
#include "base/json.h"
#include "http/message.h"

// Client keys: /api/keys and /api/keys/{id}. A key itself is shown once, in the answer that makes it.
namespace airouterd::admin {

// How many keys there are, and how often they were used: an object.
void write_key_counts(airouter::json::Writer& writer, const std::vector<store::ClientKeyFacts>& keys);

http::Reply list_keys(const Context& context, Request& request);
http::Reply create_key(const Context& context, Request& request);
http::Reply show_key(const Context& context, Request& request);
http::Reply change_key(const Context& context, Request& request);
http::Reply remove_key(const Context& context, Request& request);

}  // namespace airouterd::admin
