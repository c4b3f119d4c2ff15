#pragma once

#include "admin/context.h"
#include "admin/request.h"
#include "http/message.h"

namespace airouterd::admin {

// POST /api/providers/probe: which models an address offers, for the form that adds a provider. Dials what a
// provider could have as its base_url, nothing else; stores nothing.
http::Reply probe_provider(const Context& context, Request& request);

}  // namespace airouterd::admin
