#include "admin/server_routes.h"

#include <algorithm>

#include "admin/body.h"
#include "admin/config_replies.h"
#include "admin/provider_item.h"
#include "base/json_merge.h"
#include "base/text.h"
#include "store/settings.h"

namespace airouterd::admin {
namespace {

namespace json = airouter::json;
using json::Writer;

// "/log/keep_days" -> "log"; "/max_retries" -> nothing.
std::string_view group_of(std::string_view pointer) {
  const std::size_t slash = pointer.rfind('/');
  return slash == 0 ? std::string_view() : pointer.substr(1, slash - 1);
}

// Whether the process may not have as many connections as the config says.
bool is_cut(const store::Setting& setting, const Context& context, const store::LoadedConfig& config) {
  return setting.pointer == "/max_connections" &&
         static_cast<std::size_t>(config.parsed.server.max_connections) > context.process.connections_allowed;
}

void write_values(Writer& writer, const Context& context, const store::LoadedConfig& config) {
  writer.begin_object();
  std::string_view open;
  for (const store::Setting& setting : store::settings()) {
    const std::string_view group = group_of(setting.pointer);
    if (group != open) {
      if (!open.empty()) writer.end_object();
      if (!group.empty()) writer.key(group).begin_object();
      open = group;
    }
    writer.key(setting.pointer.substr(setting.pointer.rfind('/') + 1));
    if (is_cut(setting, context, config)) {
      writer.integer(static_cast<std::int64_t>(context.process.connections_allowed));
    } else {
      setting.write(writer, config);
    }
  }
  if (!open.empty()) writer.end_object();
  writer.end_object();
}

// Complains of each leaf of a patch that names no setting, or one that is not changed this way; `others`
// becomes the object of those that the config's own rules may look at.
void check_patch(Body& body, const json::Value& patch, const std::string& pointer, Writer& others) {
  others.begin_object();
  for (const json::Member& member : patch.members) {
    const std::string place = pointer + "/" + member.key;
    const auto all = store::settings();
    const auto is_inside = [&](const store::Setting& s) { return s.pointer.starts_with(place + "/"); };
    const auto setting =
        std::find_if(all.begin(), all.end(), [&](const store::Setting& s) { return s.pointer == place; });
    const std::string field = airouter::text::shortened(airouter::text::printable(place.substr(1)), 80);
    if (place == "/providers" || place == "/model_map") {
      body.complain(field, {"has endpoints of its own", "请使用专门的接口修改"});
    } else if (place == "/admin" || (setting != all.end() && setting->by_hand_only)) {
      body.complain(field, {"is changed in the config file only", "只能在配置文件中修改"});
    } else if (setting == all.end() && std::none_of(all.begin(), all.end(), is_inside)) {
      body.complain(field, {"is not known here", "不是可用的字段"});
    } else if (setting == all.end() && member.value.is_object()) {
      check_patch(body, member.value, place, others.key(member.key));
    } else if (!body.refuse_half_characters(field, member.value)) {
      others.key(member.key).raw(body.bytes_of(member.value));
    }
  }
  others.end_object();
}

}  // namespace

http::Reply reset_provider(const Context& context, Request& request) {
  const auto config = context.config.current();
  const auto index = index_of(*config, request.name());
  if (!index)
    return problem(request, 404, "unknown_provider",
                   {"there is no provider of this name", "没有这个名称的服务商"});
  const std::string model = request.parameter("model").value_or("");
  const auto& models = config->parsed.routing.providers[*index].supported_models;
  if (!model.empty() && std::none_of(models.begin(), models.end(), [&](const std::string& pattern) {
        return airouter::text::matches_wildcard(pattern, model);
      }))
    return problem(request, 404, "unknown_model",
                   {"the provider does not have this model", "该服务商没有这个模型"});
  context.router.reset_health(request.name(), model);
  return success(request, {"reset", "已重置"});
}

http::Reply reset_all(const Context& context, Request& request) {
  for (const airouter::Provider& provider : context.config.current()->parsed.routing.providers)
    context.router.reset_health(provider.name);
  return success(request, {"all providers reset", "已重置所有服务商"});
}

http::Reply reload_config(const Context& context, Request& request) {
  const auto outcome = context.config.reload();
  if (outcome.is_done()) return success(request, {"config reloaded", "配置已重新加载"});
  return refusal_of(request, outcome);
}

http::Reply show_config(const Context& context, Request& /*request*/) {
  const auto config = context.config.current();
  Writer writer;
  writer.begin_object().key("path").string(airouter::text::printable(context.config.place().file.string()));
  write_values(writer.key("config"), context, *config);
  writer.key("sources").begin_object();
  for (const store::Setting& setting : store::settings())
    writer.key(setting.pointer)
        .string(is_cut(setting, context, *config)
                    ? "open files"
                    : store::source_of(setting, *config, context.config.place()));
  writer.end_object().key("after_restart").begin_array();
  for (const store::Setting& setting : store::settings())
    if (setting.after_restart) writer.string(setting.pointer);
  writer.end_array().end_object();
  return json_reply(writer);
}

http::Reply change_config(const Context& context, Request& request) {
  http::Reply refused;
  auto body = Body::read(request, refused);
  if (!body) return refused;
  Writer others;
  check_patch(*body, *json::parse(body->json()).value, "", others);
  const auto outcome = context.config.save(
      [&](const store::LoadedConfig& config) -> std::optional<std::string> {
        if (body->is_fine()) return json::merged(config.text, {}, body->json());
        if (auto text = json::merged(config.text, {}, others.text()))
          complain_of_config(*body, context.config.check(*std::move(text)), "");
        refused = body->refusal(request);
        return std::nullopt;
      },
      {"settings changed", "已修改设置"});
  if (outcome.is_done()) return success(request, {"settings changed", "设置已修改"});
  if (outcome.kind == store::ConfigOutcome::Kind::refused) return refused;
  return refusal_of(request, outcome, "");
}

}  // namespace airouterd::admin
