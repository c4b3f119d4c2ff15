#pragma once

#include <string_view>

#include <airouter/router.h>

#include "http/message.h"
#include "store/client_key.h"

namespace airouterd::proxy {

// GET /v1/models: what may be asked for, from the config alone, and of that what is allowed; null: all. Two
// calls give the same bytes; nobody is dialled.
http::Reply list_models(const airouter::Router& router, const store::AllowedModels* allowed = nullptr);

// GET /v1/models/{id}; `id` as it stands in the path, percent-encoded.
http::Reply show_model(const airouter::Router& router, std::string_view id,
                       const store::AllowedModels* allowed = nullptr);

// What a client is told of a name that is not there, or not for it.
airouter::Error unknown_model(std::string_view id);

}  // namespace airouterd::proxy
