#pragma once

#include <string>
#include <string_view>

namespace airouterd::http {

// The one spelling of a request's path that everything decides by: no `//`, no `/` at the end, and the
// endpoints of OpenAI's API under /v1 whatever run of /v1, /openai and /api a client puts before them. All
// other paths keep their place, so /api/keys is never taken for one of them. Percent-encoding stays; a path
// with a `.` or `..` segment, plain or encoded, is returned unchanged. Idempotent:
// normalise_path(normalise_path(p)) == normalise_path(p).
std::string normalise_path(std::string_view path);

}  // namespace airouterd::http
