#include "proxy/models_route.h"

#include <algorithm>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/limits.h"
#include "base/text.h"
#include "http/error_reply.h"

namespace airouterd::proxy {
namespace {

// Clients want a number here and compare it with nothing: 2026-01-01T00:00:00Z, the same on every call.
constexpr std::int64_t created = 1'767'225'600;

void write_model(airouter::json::Writer& writer, std::string_view id) {
  writer.begin_object().key("id").string(id).key("object").string("model");
  writer.key("created").integer(created).key("owned_by").string("airouter").end_object();
}

http::Reply json_reply(const airouter::json::Writer& writer) {
  return {.headers = {{"content-type", "application/json"}}, .body = std::string(writer.text())};
}

}  // namespace

airouter::Error unknown_model(std::string_view id) {
  return {.code = airouter::ErrorCode::unknown_model,
          .message = "the model '" +
                     airouter::text::shortened(airouter::text::printable(id),
                                               airouter::limits::model_name_bytes_max) +
                     "' does not exist here"};
}

http::Reply list_models(const airouter::Router& router, const store::AllowedModels* allowed) {
  airouter::json::Writer writer;
  writer.begin_object().key("object").string("list").key("data").begin_array();
  for (const std::string& id : router.models())
    if (allowed == nullptr || allowed->allow(id)) write_model(writer, id);
  writer.end_array().end_object();
  return json_reply(writer);
}

http::Reply show_model(const airouter::Router& router, std::string_view encoded_id,
                       const store::AllowedModels* allowed) {
  const std::string id = airouter::text::percent_decoded(encoded_id);
  const std::vector<std::string> models = router.models();
  const bool is_there = std::binary_search(models.begin(), models.end(), id);
  if (!is_there || (allowed != nullptr && !allowed->allow(id))) return http::error_reply(unknown_model(id));
  airouter::json::Writer writer;
  write_model(writer, id);
  return json_reply(writer);
}

}  // namespace airouterd::proxy
