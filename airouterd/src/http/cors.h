#pragma once

#include <string_view>

#include "http/message.h"

// What browsers need to be told: /v1 may be called from any page that presents a key; nothing else may be.
namespace airouterd::http {

// Whether a normalised path belongs to the part that browsers of other sites may read.
bool is_cors_path(std::string_view path) noexcept;

// The answer to OPTIONS on such a path. Needs no key, as browsers send none with it.
Reply preflight_reply(const Request& request);

// Adds what lets a page read this reply; call it for each reply on such a path. Replaces what is already
// there.
void add_cors_headers(Reply& reply);

}  // namespace airouterd::http
