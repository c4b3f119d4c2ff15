#include "admin/provider_item.h"

#include <algorithm>

#include "base/text.h"

namespace airouterd::admin {
namespace {

namespace json = airouter::json;

// The provider as the file has it.
const json::Value* written(const store::LoadedConfig& config, std::size_t index) {
  const json::Value* list = config.root.find("providers");
  return list != nullptr && index < list->items.size() ? &list->items[index] : nullptr;
}

}  // namespace

std::optional<std::size_t> index_of(const store::LoadedConfig& config, std::string_view name) {
  const auto& providers = config.parsed.routing.providers;
  const auto found = std::find_if(providers.begin(), providers.end(),
                                  [&](const airouter::Provider& provider) { return provider.name == name; });
  if (found == providers.end()) return std::nullopt;
  return static_cast<std::size_t>(found - providers.begin());
}

void write_members(json::Writer& writer, const store::LoadedConfig& config, std::size_t index) {
  const airouter::Provider& provider = config.parsed.routing.providers[index];
  const json::Value* item = written(config, index);
  const json::Value* timeout = item == nullptr ? nullptr : item->find("timeout");
  writer.key("name").string(provider.name).key("base_url").string(provider.base_url);
  writer.key("api_key").string(provider.api_key.masked()).key("weight").integer(provider.weight);
  writer.key("timeout");
  timeout != nullptr && timeout->is_number() ? writer.raw(timeout->text) : writer.null();
  writer.key("supported_models").begin_array();
  for (const std::string& model : provider.supported_models)
    writer.string(model);
  writer.end_array()
      .key("enabled")
      .boolean(provider.enabled)
      .key("proxy")
      .string(masked_proxy(provider.proxy));
}

void write_result(json::Writer& writer, const store::TestResult& result) {
  using seconds = std::chrono::duration<double>;
  writer.begin_object().key("provider_name").string(result.provider).key("model").string(result.model);
  writer.key("success").boolean(result.success).key("latency_ms").integer(result.latency.count());
  writer.key("error");
  result.success ? writer.null() : writer.string(result.error);
  writer.key("tested_at")
      .number(std::chrono::duration_cast<seconds>(result.tested_at.time_since_epoch()).count());
  writer.end_object();
}

std::string masked_proxy(const std::string& proxy) {
  const std::size_t at = proxy.rfind('@'), scheme_end = proxy.find("://");
  if (at == std::string::npos || scheme_end == std::string::npos || at < scheme_end) return proxy;
  return proxy.substr(0, scheme_end + 3) + "***" + proxy.substr(at);
}

bool is_masked(std::string_view key, const airouter::Secret& secret) {
  if (key.empty()) return false;
  return key == secret.masked() || key == "***" || key.find("…") != std::string_view::npos;
}

std::string origin_of(std::string_view base_url) {
  std::string url = airouter::text::lower(airouter::text::trim(base_url));
  const std::size_t scheme_end = url.find("://");
  if (scheme_end == std::string::npos) return url;
  std::string origin = url.substr(0, url.find_first_of("/?#", scheme_end + 3));
  for (const auto& [scheme, port] : {std::pair{"http://", ":80"}, std::pair{"https://", ":443"}})
    if (origin.starts_with(scheme) && origin.ends_with(port))
      origin.resize(origin.size() - std::string_view(port).size());
  return origin;
}

}  // namespace airouterd::admin
