#include "http/error_reply.h"

#include <algorithm>

#include "base/json.h"
#include "base/limits.h"

namespace airouterd::http {

Reply error_reply(int status, std::string_view message, std::string_view code) {
  airouter::json::Writer writer;
  writer.begin_object().key("error").begin_object();
  writer.key("message").string(message);
  writer.key("type").string(status >= 500 ? "server_error" : "invalid_request_error");
  writer.key("param").null();
  writer.key("code");
  if (code.empty()) {
    writer.null();
  } else {
    writer.string(code);
  }
  writer.end_object().end_object();

  Reply reply;
  reply.status = status;
  reply.headers.emplace_back("content-type", "application/json");
  reply.body = writer.text();
  return reply;
}

Reply error_reply(const Refusal& refusal) {
  return error_reply(refusal.status, refusal.message, refusal.code);
}

Reply error_reply(const Refusal& refusal, std::string_view path) {
  if (path != "/api" && !path.starts_with("/api/")) return error_reply(refusal);
  airouter::json::Writer writer;
  writer.begin_object().key("detail").string(refusal.message);
  writer.key("code").string(refusal.code.empty() ? "bad_request" : refusal.code).end_object();
  return {.status = refusal.status,
          .headers = {{"content-type", "application/json"}, {"cache-control", "no-store"}},
          .body = std::string(writer.text())};
}

Reply error_reply(const airouter::Error& error) {
  Reply reply;
  reply.status = airouter::http_status_of(error);
  reply.body = airouter::error_body(error);
  const bool is_verbatim = !error.body.empty() && !error.content_type.empty();
  reply.headers.emplace_back("content-type", is_verbatim ? error.content_type : "application/json");
  if (error.retry_after) {
    const auto shown =
        std::clamp(*error.retry_after, std::chrono::seconds{1}, airouter::limits::retry_after_shown_max);
    reply.headers.emplace_back("retry-after", std::to_string(shown.count()));
    // Nobody is known to be back by then. OpenAI's client libraries would wait it out, twice, for nothing.
    if (shown == airouter::limits::retry_after_shown_max)
      reply.headers.emplace_back("x-should-retry", "false");
  }
  return reply;
}

}  // namespace airouterd::http
