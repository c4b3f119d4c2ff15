#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <airouter/transport.h>

namespace airouter::transport {

// No control bytes but tabs. What libcurl sends it sends verbatim, so a line end in a value would be a second
// field.
bool is_field_value(std::string_view value) noexcept;

// The header lines to give libcurl: those of the request, without fields that are unsafe or about framing,
// which is the transport's own; and the lines that take away what libcurl adds on its own.
std::vector<std::string> request_lines(const HttpRequest& request);

}  // namespace airouter::transport
