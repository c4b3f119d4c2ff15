#pragma once

#include "admin/context.h"
#include "admin/request.h"
#include "http/message.h"

// Whether providers answer: real requests, sent because somebody asked for it.
namespace airouterd::admin {

// `?model=` asks for that one only. A success closes the breakers, unless `?auto=1` says that a timer asks.
http::Reply test_provider(const Context& context, Request& request);
http::Reply test_all_providers(const Context& context, Request& request);
http::Reply show_test_results(const Context& context, Request& request);

}  // namespace airouterd::admin
