#include "admin/replies.h"

namespace airouterd::admin {

using airouter::json::Writer;

http::Reply json_reply(const Writer& writer, int status) {
  return {.status = status,
          .headers = {{"content-type", "application/json"}, {"cache-control", "no-store"}},
          .body = std::string(writer.text())};
}

http::Reply success(const Request& request, const Sentence& message) {
  Writer writer;
  writer.begin_object().key("status").string("success");
  writer.key("message").string(request.in_language(message)).end_object();
  return json_reply(writer);
}

http::Reply problem(const Request& request, int status, std::string_view code, const Sentence& detail) {
  Writer writer;
  writer.begin_object().key("detail").string(request.in_language(detail));
  writer.key("code").string(code).end_object();
  return json_reply(writer, status);
}

}  // namespace airouterd::admin
