#include "admin/model_map_routes.h"

#include <algorithm>

#include "admin/body.h"
#include "admin/config_replies.h"
#include "base/json_merge.h"
#include "base/limits.h"
#include "base/text.h"

namespace airouterd::admin {
namespace {

namespace json = airouter::json;
using json::Writer;
using store::LoadedConfig;

bool has_mapping(const LoadedConfig& config, std::string_view name) {
  const auto& map = config.parsed.routing.model_map;
  return std::any_of(map.begin(), map.end(), [&](const auto& mapping) { return mapping.name == name; });
}

std::string list_of(const std::vector<std::string>& models) {
  Writer writer;
  writer.begin_array();
  for (const std::string& model : models)
    writer.string(model);
  writer.end_array();
  return std::string(writer.text());
}

// The config with a value at a place of its model map, which is made if there is none.
std::optional<std::string> with_map_value(const LoadedConfig& config, json::Path path,
                                          std::string_view value) {
  std::optional<std::string> text = config.text;
  const json::Value* map = config.root.find("model_map");
  if (map == nullptr || !map->is_object()) text = json::with_value(*text, {"model_map"}, "{}");
  path.insert(path.begin(), "model_map");
  return text ? json::assigned(*text, path, value) : text;
}

// The config with a name in its model map, in the place of another one if that is given.
std::optional<std::string> with_mapping(const LoadedConfig& config, const std::string& name,
                                        std::string_view models, const std::optional<std::string>& replaced) {
  auto text = with_map_value(config, {name}, models);
  return text && replaced && replaced != name ? json::without(*text, {"model_map", *replaced}) : text;
}

http::Reply unknown_name(const Request& request) {
  return problem(request, 404, "unknown_name", {"the model map has no such name", "模型映射中没有这个名称"});
}

// What the config's own rules say of a map with one name.
std::vector<airouter::ConfigProblem> problems_of(const airouter::ModelMapping& mapping) {
  airouter::Config config;
  config.model_map = {mapping};
  return airouter::check_config(config);
}

void check_name(Body& body, std::string_view field, const std::string& name) {
  if (const Sentence complaint = name_complaint(name); !complaint.english.empty())
    body.complain(field, complaint);
  if (const json::Value* sent = body.field(field); sent != nullptr) body.refuse_half_characters(field, *sent);
  for (const airouter::ConfigProblem& problem : problems_of({name, {"any"}}))
    if (!body.complains_of(field)) body.complain(field, sentence_of(problem));
}

void check_models(Body& body, const std::vector<std::string>& models) {
  constexpr std::string_view field = "actual_models", base = "/model_map/any";
  if (body.refuse_half_characters(field, *body.field(field))) return;
  for (const airouter::ConfigProblem& problem : problems_of({"any", models}))
    if (problem.where.starts_with(base))
      body.complain(std::string(field) + problem.where.substr(base.size()), sentence_of(problem));
}

// Complains of names and lists that are none; returns the object of those that the config's own rules may
// look at.
std::string check_map(Body& body, const json::Value& map) {
  Writer others;
  others.begin_object();
  for (const json::Member& member : map.members) {
    const std::string field =
        "model_map/" + airouter::text::shortened(airouter::text::printable(member.key), 200);
    json::Value name;
    name.span = member.key_span;
    if (const Sentence complaint = name_complaint(member.key); !complaint.english.empty())
      body.complain(field, complaint);
    if (map.find(member.key) != &member.value) body.complain(field, {"is there twice", "重复出现"});
    if (!member.value.is_array() && !member.value.is_string())
      body.complain(field, {"must be a list of models", "必须是模型列表"});
    if (body.complains_of(field) || body.refuse_half_characters(field, name) ||
        body.refuse_half_characters(field, member.value))
      continue;
    others.key(member.key).raw(body.bytes_of(member.value));
  }
  others.end_object();
  return std::string(others.text());
}

http::Reply answer(const Request& request, const store::ConfigOutcome& outcome, http::Reply refused,
                   const Sentence& message, std::string_view base = "/model_map") {
  if (outcome.is_done()) return success(request, message);
  if (outcome.kind == store::ConfigOutcome::Kind::refused) return refused;
  return refusal_of(request, outcome, base);
}

}  // namespace

http::Reply show_model_map(const Context& context, Request& /*request*/) {
  const auto config = context.config.current();
  Writer writer;
  writer.begin_object().key("model_map").begin_object();
  for (const airouter::ModelMapping& mapping : config->parsed.routing.model_map)
    writer.key(mapping.name).raw(list_of(mapping.models));
  writer.end_object().end_object();
  return json_reply(writer);
}

http::Reply replace_model_map(const Context& context, Request& request) {
  http::Reply refused;
  auto body = Body::read(request, refused);
  if (!body) return refused;
  body->require("model_map");
  const json::Value* map = body->field("model_map");
  body->refuse_others();
  if (map != nullptr && !map->is_object())
    body->complain("model_map",
                   {"must be an object of names and lists of models", "必须是名称到模型列表的对象"});
  const std::string others = map == nullptr ? "{}" : check_map(*body, *map);
  const auto outcome = context.config.save(
      [&](const LoadedConfig& config) -> std::optional<std::string> {
        if (body->is_fine()) return with_map_value(config, {}, body->bytes_of(*map));
        if (auto text = with_map_value(config, {}, others))
          complain_of_config(*body, context.config.check(*std::move(text)), "");
        refused = body->refusal(request);
        return std::nullopt;
      },
      {"model map replaced", "已替换模型映射"});
  return answer(request, outcome, std::move(refused), {"model map replaced", "模型映射已替换"}, "");
}

http::Reply add_mapping(const Context& context, Request& request) {
  http::Reply refused;
  auto body = Body::read(request, refused);
  if (!body) return refused;
  body->require("unified_name");
  body->require("actual_models");
  const auto name = body->text("unified_name");
  const auto models = body->texts("actual_models");
  const auto replaced = body->text("replaces");
  body->refuse_others();
  if (name) check_name(*body, "unified_name", *name);
  if (models) check_models(*body, *models);
  const auto outcome = context.config.save(
      [&](const LoadedConfig& config) -> std::optional<std::string> {
        if (name && name != replaced && has_mapping(config, *name))
          body->complain("unified_name", {"is in the model map already", "已存在于模型映射中"});
        if (replaced && !has_mapping(config, *replaced))
          body->complain("replaces", {"the name before is not in the model map", "原名称不在模型映射中"});
        if (body->is_fine()) return with_mapping(config, *name, list_of(*models), replaced);
        refused = body->refusal(request);
        return std::nullopt;
      },
      titled("model '{}' mapped", "已添加模型映射“{}”", name.value_or("")));
  return answer(request, outcome, std::move(refused), {"name added", "名称已添加"});
}

http::Reply set_mapping(const Context& context, Request& request) {
  http::Reply refused;
  auto body = Body::read_bare(request, refused, "actual_models");
  if (!body) return refused;
  const auto models = body->texts("actual_models");
  check_name(*body, "name", request.name());
  if (models) check_models(*body, *models);
  if (!body->is_fine()) return body->refusal(request);
  const auto outcome = context.config.save(
      [&](const LoadedConfig& config) { return with_map_value(config, {request.name()}, list_of(*models)); },
      titled("model '{}' mapped", "已修改模型映射“{}”", request.name()));
  return answer(request, outcome, {}, {"name set", "名称已设置"});
}

http::Reply remove_mapping(const Context& context, Request& request) {
  http::Reply refused;
  const auto outcome = context.config.save(
      [&](const LoadedConfig& config) -> std::optional<std::string> {
        if (has_mapping(config, request.name()))
          return json::without(config.text, {"model_map", request.name()});
        refused = unknown_name(request);
        return std::nullopt;
      },
      titled("model '{}' no longer mapped", "已删除模型映射“{}”", request.name()));
  return answer(request, outcome, std::move(refused), {"name removed", "名称已删除"});
}

http::Reply explain_route(const Context& context, Request& request) {
  const std::string model = request.parameter("model").value_or("");
  if (model.empty() || model.size() > airouter::limits::model_name_bytes_max)
    return problem(request, 400, "invalid_model", {"name a model: ?model=NAME", "请指定模型：?model=名称"});
  const airouter::Plan plan = context.router.explain(model);
  Writer writer;
  writer.begin_object().key("model").string(model).key("candidates").begin_array();
  for (const airouter::Candidate& candidate : plan.candidates) {
    writer.begin_object().key("provider").string(candidate.provider);
    writer.key("model").string(candidate.model).key("share").number(candidate.share).end_object();
  }
  writer.end_array().key("skipped").begin_array();
  for (const airouter::Skipped& skipped : plan.skipped) {
    writer.begin_object().key("provider").string(skipped.provider).key("model").string(skipped.model);
    writer.key("reason").string(airouter::to_string(skipped.reason)).key("until_s");
    skipped.until.count() > 0 ? writer.integer(skipped.until.count()) : writer.null();
    writer.end_object();
  }
  writer.end_array().end_object();
  return json_reply(writer);
}

}  // namespace airouterd::admin
