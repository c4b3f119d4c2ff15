#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "http/head_parser.h"

// The single lines of a request's head, and what they mean together. Pure; part of the head parser.
namespace airouterd::http {

// Fills method, target and version. `authority` becomes the host of an absolute-form target, if it is one.
std::optional<Refusal> parse_request_line(std::string_view line, Head& head, std::string& authority);

// Appends one field.
std::optional<Refusal> parse_field(std::string_view line, airouter::Headers& headers);

// Exactly one well-formed Host in HTTP/1.1, at most one in 1.0, equal to the target's authority where there
// is one.
std::optional<Refusal> check_host(Head& head, const std::string& authority);

// Content-Length and Transfer-Encoding.
std::optional<Refusal> read_framing(Head& head);

// Connection, Expect and Content-Encoding.
std::optional<Refusal> read_connection_fields(Head& head);

}  // namespace airouterd::http
