#pragma once

#include "admin/context.h"
#include "admin/request.h"
#include "http/message.h"

// The panel: a page and its files, by exact names.
namespace airouterd::admin {

// `/admin` itself is a redirect to `admin/`, which a browser resolves behind any prefix; `/admin/` is the
// page.
http::Reply show_panel(const Context& context, Request& request);

http::Reply show_panel_file(const Context& context, Request& request);

}  // namespace airouterd::admin
