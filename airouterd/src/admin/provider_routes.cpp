#include "admin/provider_routes.h"

#include <algorithm>
#include <array>

#include "admin/body.h"
#include "admin/config_replies.h"
#include "admin/provider_item.h"
#include "base/json_merge.h"
#include "base/text.h"

namespace airouterd::admin {
namespace {

namespace json = airouter::json;
using airouter::Provider;
using json::Writer;

// What a provider is made of, in the order of a new one; what is answered beside it, test_results, may be
// sent back.
constexpr std::array<std::string_view, 8> fields{"name",    "base_url",         "api_key", "weight",
                                                 "timeout", "supported_models", "enabled", "proxy"};
constexpr std::array<std::string_view, 3> reserved_names{"test-all", "test-results", "probe"};

http::Reply unknown_provider(const Request& request) {
  return problem(request, 404, "unknown_provider",
                 {"there is no provider of this name", "没有这个名称的服务商"});
}

void write_item(Writer& writer, const Context& context, const store::LoadedConfig& config,
                std::size_t index) {
  writer.begin_object();
  write_members(writer, config, index);
  writer.key("test_results").begin_array();
  for (const store::TestResult& result :
       context.tester.results().of(config.parsed.routing.providers[index].name))
    write_result(writer, result);
  writer.end_array().end_object();
}

// A field that says "as without it".
bool is_null(Body& body, std::string_view name) {
  const json::Value* value = body.field(name);
  return value != nullptr && value->kind == json::Kind::null;
}

// What is sent of a provider, and what the config's rules say of it, field by field.
Provider read_fields(Body& body, const Provider& base) {
  Provider provider = base;
  if (const auto name = body.text("name")) provider.name = *name;
  if (const auto url = body.text("base_url")) provider.base_url = *url;
  if (!is_null(body, "api_key"))
    if (const auto key = body.text("api_key")) provider.api_key = airouter::Secret(*key, *key);
  if (const auto weight = body.integer("weight", 1, 1'000'000)) provider.weight = static_cast<int>(*weight);
  if (!is_null(body, "timeout")) body.number("timeout", 0.001, 86'400);
  if (const auto models = body.texts("supported_models")) provider.supported_models = *models;
  if (const auto enabled = body.boolean("enabled")) provider.enabled = *enabled;
  if (const auto proxy = body.text("proxy")) provider.proxy = *proxy;
  body.field("test_results");
  body.refuse_others();
  for (const std::string_view field : fields)
    if (const json::Value* value = body.field(field); value != nullptr)
      body.refuse_half_characters(field, *value);
  return provider;
}

void check_rules(Body& body, const Provider& provider) {
  airouter::Config config;
  config.providers = {provider};
  constexpr std::string_view base = "/providers/0/";
  for (const airouter::ConfigProblem& problem : airouter::check_config(config)) {
    if (!problem.fatal || !problem.where.starts_with(base)) continue;
    const std::string field = problem.where.substr(base.size());
    const std::string name = field.substr(0, field.find('/'));
    if (body.has(name) && !body.complains_of(name)) body.complain(field, sentence_of(problem));
  }
}

// The object that is to stand in the file: the fields as they were sent, but for those that are wrong.
std::string new_item(Body& body) {
  Writer writer;
  writer.begin_object();
  for (const std::string_view name : fields) {
    const json::Value* value = body.field(name);
    if (value == nullptr || value->kind == json::Kind::null || body.complains_of(name)) continue;
    writer.key(name).raw(body.bytes_of(*value));
  }
  writer.end_object();
  return std::string(writer.text());
}

std::optional<std::string> with_provider(const store::LoadedConfig& config, std::string_view item) {
  std::optional<std::string> text = config.text;
  const json::Value* list = config.root.find("providers");
  if (list == nullptr || !list->is_array()) text = json::with_value(*text, {"providers"}, "[]");
  if (!text) return text;
  return json::with_value(*text, {"providers", std::to_string(config.parsed.routing.providers.size())}, item);
}

// A change that would send a key somewhere else than it was given for needs the key anew.
void keep_key_at_home(Body& body, const Provider& old, const Provider& changed, bool has_new_key) {
  if (has_new_key || old.api_key.masked().empty()) return;
  if (origin_of(old.base_url) != origin_of(changed.base_url))
    return body.complain("api_key", {"must be given anew, because base_url is at another place",
                                     "必须重新填写，因为 base_url 指向了另一个地址"});
  const bool is_readable = airouter::text::starts_with_ignoring_case(changed.base_url, "http://");
  if (is_readable && old.proxy != changed.proxy && !changed.proxy.empty() && changed.proxy != "none")
    body.complain("api_key", {"must be given anew, because another proxy could read it",
                              "必须重新填写，因为新的代理可以读到它"});
}

// One field of the provider at `path`, as sent; nothing changes if it is what was shown.
std::optional<std::string> with_field(const std::string& text, const json::Path& path,
                                      const json::Value& sent, std::string_view sent_bytes,
                                      const json::Value* shown) {
  if (shown != nullptr && json::is_same(*shown, sent)) return text;
  if (sent.kind != json::Kind::null) return json::assigned(text, path, sent_bytes);
  const auto removed = json::without(text, path);
  return removed ? removed : text;
}

std::optional<std::string> with_changes(const store::LoadedConfig& config, std::size_t index, Body& body) {
  Writer writer;
  writer.begin_object();
  write_members(writer, config, index);
  writer.end_object();
  const json::Parsed shown = json::parse(writer.text());
  const Provider& provider = config.parsed.routing.providers[index];
  std::optional<std::string> text = config.text;
  for (const std::string_view name : fields) {
    const json::Value* sent = body.field(name);
    if (sent == nullptr || !text || body.complains_of(name)) continue;
    if (name == "api_key" && is_masked(sent->text, provider.api_key)) continue;
    text = with_field(*text, {"providers", std::to_string(index), std::string(name)}, *sent,
                      body.bytes_of(*sent), shown.value->find(name));
  }
  return text;
}

std::string base_of(std::size_t index) {
  return "/providers/" + std::to_string(index);
}

// The config that the request makes; or nothing, and why: everything that is wrong with it.
std::optional<std::string> fine_or_refused(const Context& context, const Request& request, Body& body,
                                           std::optional<std::string> text, std::size_t index,
                                           http::Reply& refused) {
  if (body.is_fine()) return text;
  if (text) complain_of_config(body, context.config.check(*std::move(text)), base_of(index));
  refused = body.refusal(request);
  return std::nullopt;
}

http::Reply answer(const Request& request, const store::ConfigOutcome& outcome, http::Reply refused,
                   const Sentence& message, std::size_t index = 0) {
  if (outcome.is_done()) return success(request, message);
  if (outcome.kind == store::ConfigOutcome::Kind::refused) return refused;
  return refusal_of(request, outcome, base_of(index));
}

}  // namespace

http::Reply list_providers(const Context& context, Request& /*request*/) {
  const auto config = context.config.current();
  Writer writer;
  writer.begin_object().key("providers").begin_array();
  for (std::size_t i = 0; i < config->parsed.routing.providers.size(); ++i)
    write_item(writer, context, *config, i);
  writer.end_array().end_object();
  return json_reply(writer);
}

http::Reply show_provider(const Context& context, Request& request) {
  const auto config = context.config.current();
  const auto index = index_of(*config, request.name());
  if (!index) return unknown_provider(request);
  Writer writer;
  write_item(writer, context, *config, *index);
  return json_reply(writer);
}

http::Reply add_provider(const Context& context, Request& request) {
  http::Reply refused;
  auto body = Body::read(request, refused);
  if (!body) return refused;
  body->require("name");
  body->require("base_url");
  const Provider provider = read_fields(*body, {});
  check_rules(*body, provider);
  if (const Sentence complaint = name_complaint(provider.name); !complaint.english.empty())
    body->complain("name", complaint);
  if (std::find(reserved_names.begin(), reserved_names.end(), provider.name) != reserved_names.end())
    body->complain("name", {"is a word of the API; choose another one", "是接口保留的名称，请换一个"});
  if (is_masked(provider.api_key.reveal(), {}))
    body->complain("api_key", {"is masked; give the key itself", "是打码后的密钥，请填写完整密钥"});
  std::size_t place = 0;
  const auto outcome = context.config.save(
      [&](const store::LoadedConfig& config) -> std::optional<std::string> {
        place = config.parsed.routing.providers.size();
        if (index_of(config, provider.name))
          body->complain("name", {"is taken by another provider", "已被另一个服务商使用"});
        return fine_or_refused(context, request, *body, with_provider(config, new_item(*body)), place,
                               refused);
      },
      titled("provider '{}' added", "已添加服务商“{}”", provider.name));
  return answer(request, outcome, std::move(refused), {"provider added", "服务商已添加"}, place);
}

http::Reply change_provider(const Context& context, Request& request) {
  http::Reply refused;
  auto body = Body::read(request, refused);
  if (!body) return refused;
  std::size_t place = 0;
  const auto outcome = context.config.save(
      [&](const store::LoadedConfig& config) -> std::optional<std::string> {
        const auto index = index_of(config, request.name());
        if (!index) {
          refused = unknown_provider(request);
          return std::nullopt;
        }
        place = *index;
        const Provider& old = config.parsed.routing.providers[*index];
        Provider changed = read_fields(*body, old);
        const json::Value* key = body->field("api_key");
        const bool has_new_key = key != nullptr && key->is_string() && !is_masked(key->text, old.api_key);
        if (!has_new_key) changed.api_key = old.api_key;
        if (changed.proxy == masked_proxy(old.proxy)) changed.proxy = old.proxy;
        check_rules(*body, changed);
        if (changed.name != old.name)
          body->complain("name",
                         {"cannot be changed; add the provider under its new name, then remove this one",
                          "不能修改；请以新名称添加，再删除旧的"});
        keep_key_at_home(*body, old, changed, has_new_key);
        return fine_or_refused(context, request, *body, with_changes(config, *index, *body), place, refused);
      },
      titled("provider '{}' changed", "已修改服务商“{}”", request.name()));
  return answer(request, outcome, std::move(refused), {"provider changed", "服务商已修改"}, place);
}

http::Reply remove_provider(const Context& context, Request& request) {
  http::Reply refused;
  const auto outcome = context.config.save(
      [&](const store::LoadedConfig& config) -> std::optional<std::string> {
        if (const auto index = index_of(config, request.name()))
          return json::without(config.text, {"providers", std::to_string(*index)});
        refused = unknown_provider(request);
        return std::nullopt;
      },
      titled("provider '{}' removed", "已删除服务商“{}”", request.name()));
  if (outcome.is_done()) context.tester.forget(request.name());
  return answer(request, outcome, std::move(refused), {"provider removed", "服务商已删除"});
}

}  // namespace airouterd::admin
