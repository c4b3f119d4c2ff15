#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/text.h"
#include "integration/gateway.h"
#include "support/json_schema.h"

// What docs/openapi.json says of the server's answers, and requests to hold it to.
namespace gateway {

class Description {
 public:
  explicit Description(const std::string& text) : parsed_(json::parse(text)) { REQUIRE(parsed_.value); }

  // What is wrong with an answer to this route; empty: nothing.
  std::string mismatches_of(std::string_view method, std::string_view path, const RawAnswer& answer) const {
    const std::string place =
        "/paths/" + airouter::text::replaced(airouter::text::replaced(path, "...}", "}"), "/", "~1") + "/" +
        airouter::text::lower(method) + "/responses/" + std::to_string(answer.status);
    const json::Value* response = at_pointer(*parsed_.value, place);
    if (response == nullptr) return "status " + std::to_string(answer.status) + " is not described";
    if (const json::Value* reference = response->find("$ref"))
      response = at_pointer(*parsed_.value, std::string_view(reference->text).substr(1));
    const json::Value* content = response->find("content");
    if (content == nullptr && answer.body.empty()) return {};
    const std::string_view sent = answer.header("content-type");
    const std::string type(sent.substr(0, sent.find(';')));
    const json::Value* media = content == nullptr ? nullptr : content->find(type);
    if (media == nullptr) return "content-type " + type + " is not described";
    if (type != "application/json") return {};
    const json::Parsed body = json::parse(answer.body);
    if (!body.value) return "the body is not JSON";
    return mismatches(*body.value, *media->find("schema"), *parsed_.value);
  }

 private:
  const json::Parsed parsed_;
};

// What to put for a path's parameter, into the body and behind the path.
struct Example {
  std::string name{}, body{}, query{};
};

// Requests that every route takes, by "METHOD /path".
inline std::map<std::string, Example> examples(const std::string& key_id, const std::string& request_id,
                                               const std::string& url, const std::string& lister) {
  return {
      {"POST /v1/chat/completions", {{}, chat_body(), {}}},
      {"GET /v1/models/{id...}", {"gpt-4", {}, {}}},
      {"POST /api/login", {{}, R"({"password":"no"})", {}}},
      {"POST /api/keys", {{}, R"({"name":"second","models":["gpt-4"],"expires_at":4000000000})", {}}},
      {"GET /api/keys/{id}", {key_id, {}, {}}},
      {"PUT /api/keys/{id}", {key_id, R"({"rate_limit":7})", {}}},
      {"DELETE /api/keys/{id}", {"sk-00000000", {}, {}}},
      {"GET /api/logs", {{}, {}, "?limit=20"}},
      {"GET /api/requests/{id}", {request_id, {}, {}}},
      {"GET /api/overview", {{}, {}, "?range=24h"}},
      {"POST /api/providers",
       {{}, R"({"name":"second","base_url":")" + url + R"(","supported_models":["other"]})", {}}},
      {"GET /api/providers/{name}", {"good", {}, {}}},
      {"PUT /api/providers/{name}", {"good", R"({"weight":3})", {}}},
      {"DELETE /api/providers/{name}", {"nobody", {}, {}}},
      {"POST /api/providers/{name}/test", {"good", {}, {}}},
      {"POST /api/providers/probe", {{}, R"({"base_url":")" + lister + R"("})", {}}},
      {"PUT /api/model-map", {{}, R"({"model_map":{"smart":["gpt-4"]}})", {}}},
      {"POST /api/model-map", {{}, R"({"unified_name":"clever","actual_models":["gpt-4"]})", {}}},
      {"PUT /api/model-map/{name}", {"smart", R"(["gpt-4","gpt-5"])", {}}},
      {"DELETE /api/model-map/{name}", {"clever", {}, {}}},
      {"POST /api/admin/reset/{name}", {"good", {}, {}}},
      {"PUT /api/config", {{}, R"({"max_retries":4})", {}}},
      {"GET /api/route/explain", {{}, {}, "?model=gpt-4"}},
      {"POST /api/playground", {{}, chat_body(), {}}},
  };
}

inline std::string with_name(std::string_view path, const std::string& name) {
  const auto begin = path.find('{');
  return begin == std::string_view::npos
             ? std::string(path)
             : std::string(path.substr(0, begin)) + name + std::string(path.substr(path.find('}') + 1));
}

}  // namespace gateway
