#include "http/cors.h"

#include <algorithm>
#include <string>

#include "base/text.h"

namespace airouterd::http {
namespace {

constexpr std::size_t echoed_bytes_max = 1024;
constexpr std::string_view exposed_headers =
    "x-request-id, retry-after, x-should-retry, x-upstream-request-id, x-airouter-provider, "
    "x-airouter-model, x-airouter-attempts, x-ratelimit-limit-requests, x-ratelimit-remaining-requests, "
    "x-ratelimit-reset-requests";

// Whether `value` is nothing but a list of header names, so that repeating it is harmless.
bool is_name_list(std::string_view value) {
  return !value.empty() && value.size() <= echoed_bytes_max &&
         std::all_of(value.begin(), value.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                  c == '_' || c == ',' || c == ' ';
         });
}

}  // namespace

bool is_cors_path(std::string_view path) noexcept {
  return path == "/v1" || path.starts_with("/v1/");
}

Reply preflight_reply(const Request& request) {
  const auto asked = request.header("access-control-request-headers");
  Reply reply;
  reply.status = 204;
  reply.headers = {
      {"access-control-allow-origin", "*"},
      {"access-control-allow-methods", "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"},
      {"access-control-allow-headers",
       is_name_list(asked) ? std::string(asked) : "authorization, content-type"},
      {"access-control-max-age", "86400"},
  };
  return reply;
}

void add_cors_headers(Reply& reply) {
  std::erase_if(reply.headers, [](const auto& field) {
    return airouter::text::equals_ignoring_case(field.first, "access-control-allow-origin") ||
           airouter::text::equals_ignoring_case(field.first, "access-control-expose-headers");
  });
  reply.headers.emplace_back("access-control-allow-origin", "*");
  reply.headers.emplace_back("access-control-expose-headers", exposed_headers);
}

}  // namespace airouterd::http
