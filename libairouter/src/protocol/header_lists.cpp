#include "protocol/header_lists.h"

#include <algorithm>
#include <optional>

#include "base/text.h"

namespace airouter::protocol {
namespace {

constexpr std::size_t request_value_bytes_max = 4096;
constexpr std::size_t answer_value_bytes_max = 256;
constexpr std::size_t request_headers_max = 40;  // SDKs send about ten x-stainless-*

// What passes from the client to a provider. A name that ends in '*' stands for all that begin so.
constexpr std::string_view to_provider[] = {
    "user-agent", "openai-beta", "idempotency-key", "http-referer", "x-title", "x-stainless-*",
};

struct Renamed {
  std::string_view from, to;
};

// What passes from a provider to the client. Of several rows with the same new name, the first that is there
// wins.
constexpr Renamed to_client[] = {
    {"openai-processing-ms", "openai-processing-ms"},
    {"openai-version", "openai-version"},
    {"x-request-id", "x-upstream-request-id"},
    {"request-id", "x-upstream-request-id"},
    {"apim-request-id", "x-upstream-request-id"},
    {"x-oneapi-request-id", "x-upstream-request-id"},
    {"x-siliconcloud-trace-id", "x-upstream-request-id"},
};

bool is_clean(std::string_view value, std::size_t bytes_max) {
  const auto is_control = [](char c) {
    return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7F;
  };
  return !text::trim(value).empty() && value.size() <= bytes_max &&
         std::none_of(value.begin(), value.end(), is_control);
}

// The first usable value of `name`.
std::optional<std::string_view> value_of(const Headers& headers, std::string_view name,
                                         std::size_t bytes_max) {
  for (const auto& [key, value] : headers) {
    if (text::equals_ignoring_case(key, name) && is_clean(value, bytes_max)) return text::trim(value);
  }
  return std::nullopt;
}

bool matches(std::string_view allowed, std::string_view name) {
  if (allowed.ends_with('*'))
    return text::starts_with_ignoring_case(name, allowed.substr(0, allowed.size() - 1));
  return text::equals_ignoring_case(name, allowed);
}

bool has(const Headers& headers, std::string_view name) {
  return std::any_of(headers.begin(), headers.end(),
                     [&](const auto& header) { return text::equals_ignoring_case(header.first, name); });
}

// JSON is UTF-8 (RFC 8259), and the body was read as that.
bool is_json_type(std::string_view content_type) {
  const std::size_t end = std::min(content_type.find(';'), content_type.size());
  if (!text::equals_ignoring_case(text::trim(content_type.substr(0, end)), "application/json")) return false;
  const bool names_charset = text::contains_ignoring_case(content_type, "charset");
  return !names_charset || text::contains_ignoring_case(content_type, "utf-8");
}

void add_allowed(const Headers& client, Headers& out) {
  for (const std::string_view allowed : to_provider) {
    for (const auto& [name, value] : client) {
      if (out.size() >= request_headers_max) return;
      if (matches(allowed, name) && text::is_token(name) && is_clean(value, request_value_bytes_max) &&
          !has(out, name))
        out.emplace_back(text::lower(name), text::trim(value));
    }
  }
}

}  // namespace

Headers request_headers(const Headers& client, const Provider& provider, bool stream) {
  const std::string_view accept_default = stream ? "text/event-stream" : "application/json";
  const auto content_type = value_of(client, "content-type", request_value_bytes_max);
  const auto accept = value_of(client, "accept", request_value_bytes_max);
  Headers out;
  out.emplace_back("content-type",
                   content_type && is_json_type(*content_type) ? *content_type : "application/json");
  out.emplace_back("accept", accept.value_or(accept_default));
  out.emplace_back("accept-encoding", "identity");
  const std::string& key = provider.api_key.reveal();
  if (is_clean(key, request_value_bytes_max)) out.emplace_back("authorization", "Bearer " + key);
  add_allowed(client, out);
  return out;
}

Headers answer_headers(const Headers& upstream) {
  Headers out;
  for (const Renamed& row : to_client) {
    if (has(out, row.to)) continue;
    if (const auto value = value_of(upstream, row.from, answer_value_bytes_max))
      out.emplace_back(row.to, *value);
  }
  return out;
}

}  // namespace airouter::protocol
