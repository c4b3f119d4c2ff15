// What an OpenAI-compatible front end says for each error code: OpenAI's own words where it has some, since
// client libraries decide by status and code whether to try again.
#include <airouter/result.h>

#include "base/json.h"

namespace airouter {
namespace {

struct Row {
  ErrorCode code;
  ErrorDescription description;
};

constexpr Row table[] = {
    {ErrorCode::invalid_config, {500, "server_error", "invalid_config"}},
    {ErrorCode::invalid_request, {400, "invalid_request_error", "invalid_request"}},
    {ErrorCode::unknown_model, {404, "invalid_request_error", "model_not_found"}},
    {ErrorCode::no_provider, {503, "upstream_error", "no_provider_available"}},
    {ErrorCode::all_providers_failed, {502, "upstream_error", "all_providers_failed"}},
    {ErrorCode::request_rejected, {400, "invalid_request_error", "request_rejected"}},
    {ErrorCode::stream_broken, {502, "upstream_error", "stream_broken"}},
    {ErrorCode::timeout, {504, "upstream_error", "timeout"}},
    {ErrorCode::overloaded, {503, "server_error", "overloaded"}},
    {ErrorCode::cancelled, {499, "server_error", "cancelled"}},
};

}  // namespace

ErrorDescription describe(ErrorCode code) noexcept {
  for (const Row& row : table)
    if (row.code == code) return row.description;
  return {};
}

int http_status_of(const Error& error) noexcept {
  return error.http_status != 0 ? error.http_status : describe(error.code).http_status;
}

std::string error_body(const Error& error) {
  if (!error.body.empty()) return error.body;
  const ErrorDescription description = describe(error.code);
  json::Writer writer;
  writer.begin_object().key("error").begin_object();
  writer.key("message").string(error.message);
  writer.key("type").string(description.type);
  writer.key("param").null();
  writer.key("code").string(description.code);
  writer.end_object().end_object();
  return std::string(writer.text());
}

}  // namespace airouter
