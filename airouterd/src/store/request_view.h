#pragma once

#include <string>
#include <string_view>

namespace airouterd::store {

// A line of the log as its readers are shown it: without what only views of requests have.
void append_log_view(std::string& to, std::string_view line);

// A line about a request as a view of the request. `attempts` instead of the line's, if it is not empty: a
// JSON array. False: the line is no record of a request; nothing was appended.
bool append_request_view(std::string& to, std::string_view line, std::string_view attempts = {});

}  // namespace airouterd::store
