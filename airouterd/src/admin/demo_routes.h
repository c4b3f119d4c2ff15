#pragma once

#include "admin/context.h"
#include "admin/request.h"
#include "http/message.h"

// What only the demonstration has.
namespace airouterd::admin {

// Makes a provider fail for a minute: `{"status","message","model"}`, the model to ask for to see what
// becomes of it.
http::Reply trip_provider(const Context& context, Request& request);

}  // namespace airouterd::admin
