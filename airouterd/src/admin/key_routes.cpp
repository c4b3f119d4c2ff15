#include "admin/key_routes.h"

#include <cmath>
#include <ctime>

#include <fmt/format.h>

#include "admin/body.h"
#include "admin/config_replies.h"
#include "admin/name_rule.h"
#include "admin/replies.h"
#include "base/json.h"
#include "base/limits.h"

namespace airouterd::admin {
namespace {

namespace json = airouter::json;
using airouter::json::Writer;
using store::ClientKeyFacts;

constexpr std::size_t models_max = 1000;
constexpr double expires_at_max = 253'402'300'799;  // the end of the year 9999

std::string local_time(double seconds) {
  const auto time = static_cast<std::time_t>(std::floor(seconds));
  std::tm local{};
  if (::localtime_r(&time, &local) == nullptr) return {};
  return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02}", local.tm_year + 1900, local.tm_mon + 1,
                     local.tm_mday, local.tm_hour, local.tm_min, local.tm_sec);
}

void write_optional(Writer& writer, const std::optional<double>& number) {
  number ? writer.number(*number) : writer.null();
}

void write_key(Writer& writer, const ClientKeyFacts& key) {
  writer.begin_object().key("key_id").string(key.id).key("name").string(key.name);
  writer.key("created_at").number(key.created_at).key("created_at_str").string(local_time(key.created_at));
  write_optional(writer.key("last_used"), key.last_used);
  writer.key("last_used_str");
  key.last_used ? writer.string(local_time(*key.last_used)) : writer.null();
  writer.key("enabled").boolean(key.is_enabled).key("rate_limit").integer(key.rate_limit);
  writer.key("total_requests").integer(key.total_requests).key("models");
  if (key.models) {
    writer.begin_array();
    for (const std::string& model : *key.models)
      writer.string(model);
    writer.end_array();
  } else {
    writer.null();
  }
  write_optional(writer.key("expires_at"), key.expires_at);
  writer.end_object();
}

bool is_null(Body& body, std::string_view field) {
  const json::Value* value = body.field(field);
  return value != nullptr && value->kind == json::Kind::null;
}

// An empty list would let nobody do anything: who sends one may mean the contrary.
void check_models(Body& body, const std::vector<std::string>& models) {
  if (models.empty() || models.size() > models_max)
    body.complain("models", {fmt::format("must hold 1 to {} names; null allows every model", models_max),
                             fmt::format("必须包含 1 到 {} 个名称；null 表示允许所有模型", models_max)});
  for (const std::string& model : models) {
    if (!model.empty() && model.size() <= airouter::limits::model_name_bytes_max &&
        model.find_first_of(std::string_view("\0\r\n", 3)) == std::string::npos)
      continue;
    return body.complain(
        "models", {fmt::format("must hold names of 1 to {} bytes", airouter::limits::model_name_bytes_max),
                   fmt::format("名称必须为 1 到 {} 字节", airouter::limits::model_name_bytes_max)});
  }
}

// The fields that creating and changing have in common.
store::ClientKeyChange read_change(Body& body) {
  store::ClientKeyChange change;
  change.name = body.text("name");
  if (change.name)
    if (auto problem = name_problem(*change.name)) body.complain("name", *std::move(problem));
  if (const auto limit = body.integer("rate_limit", 0, store::RateLimit::per_minute_max))
    change.rate_limit = static_cast<int>(*limit);
  if (is_null(body, "models")) {
    change.models.emplace();
  } else if (auto models = body.texts("models")) {
    check_models(body, *models);
    change.models = std::move(models);
  }
  if (is_null(body, "expires_at")) {
    change.expires_at.emplace();
  } else if (const auto time = body.number("expires_at", 0, expires_at_max)) {
    change.expires_at = time;
  }
  return change;
}

http::Reply no_such_key(const Request& request) {
  return problem(request, 404, "key_not_found", {"there is no key of this id", "没有此 ID 的密钥"});
}

http::Reply failure(const Request& request, const airouter::Error& error) {
  if (error.http_status == 404) return no_such_key(request);
  return problem(
      request, 507, "not_saved",
      {"nothing was changed: " + error.message, "未做任何更改：" + sentence_of(error.message).chinese});
}

}  // namespace

void write_key_counts(Writer& writer, const std::vector<ClientKeyFacts>& keys) {
  std::int64_t enabled = 0, requests = 0;
  for (const ClientKeyFacts& key : keys) {
    enabled += key.is_enabled ? 1 : 0;
    requests += key.total_requests;
  }
  const auto total = static_cast<std::int64_t>(keys.size());
  writer.begin_object().key("total_keys").integer(total);
  writer.key("enabled_keys").integer(enabled).key("disabled_keys").integer(total - enabled);
  writer.key("total_requests").integer(requests).end_object();
}

http::Reply list_keys(const Context& context, Request& /*request*/) {
  const std::vector<ClientKeyFacts> keys = context.keys.list();
  Writer writer;
  writer.begin_object().key("keys").begin_array();
  for (const ClientKeyFacts& key : keys)
    write_key(writer, key);
  write_key_counts(writer.end_array().key("stats"), keys);
  writer.end_object();
  return json_reply(writer);
}

http::Reply create_key(const Context& context, Request& request) {
  http::Reply refusal;
  auto body = Body::read(request, refusal);
  if (!body) return refusal;
  body->require("name");
  const store::ClientKeyChange wanted = read_change(*body);
  body->refuse_others();
  if (!body->is_fine()) return body->refusal(request);

  ClientKeyFacts facts;
  wanted.apply_to(facts);
  const auto made = context.keys.create(std::move(facts));
  if (!made) return failure(request, made.error());
  const Sentence kept{"Keep this key now: it is not shown again.", "请立即保存此密钥：之后不会再次显示。"};
  const Sentence lost{
      "Keep this key now: it is not shown again. There is no data folder, so the key ends with "
      "this run of the server.",
      "请立即保存此密钥：之后不会再次显示。没有数据目录，服务器停止后此密钥失效。"};
  Writer writer;
  writer.begin_object().key("key").string(made->key);
  write_key(writer.key("info"), made->facts);
  writer.key("warning").string(request.in_language(context.keys.is_kept() ? kept : lost)).end_object();
  return json_reply(writer);
}

http::Reply show_key(const Context& context, Request& request) {
  const auto key = context.keys.get(request.name());
  if (!key) return no_such_key(request);
  Writer writer;
  write_key(writer, *key);
  return json_reply(writer);
}

http::Reply change_key(const Context& context, Request& request) {
  http::Reply refusal;
  auto body = Body::read(request, refusal);
  if (!body) return refusal;
  store::ClientKeyChange change = read_change(*body);
  change.is_enabled = body->boolean("enabled");
  body->refuse_others();
  if (!context.keys.get(request.name())) return no_such_key(request);
  if (!body->is_fine()) return body->refusal(request);
  if (auto changed = context.keys.change(request.name(), change); !changed)
    return failure(request, changed.error());
  return success(request, {"the key is changed", "密钥已更新"});
}

http::Reply remove_key(const Context& context, Request& request) {
  if (auto removed = context.keys.remove(request.name()); !removed) return failure(request, removed.error());
  return success(request, {"the key is deleted", "密钥已删除"});
}

}  // namespace airouterd::admin
