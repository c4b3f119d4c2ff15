#pragma once

#include <string_view>

#include <airouter/router.h>

#include "http/message.h"

namespace airouterd::proxy {

// GET /v1/models: what may be asked for, from the config alone. Two calls give the same bytes; nobody is
// dialled.
http::Reply list_models(const airouter::Router& router);

// GET /v1/models/{id}; `id` as it stands in the path, percent-encoded.
http::Reply show_model(const airouter::Router& router, std::string_view id);

}  // namespace airouterd::proxy
