#include "routing/health_table.h"

#include <algorithm>
#include <set>
#include <string_view>

#include "base/limits.h"
#include "config/base_url.h"

namespace airouter::routing {

namespace {

// Where a provider stands, however its URL is spelt.
std::string place_of(const Provider& provider) {
  const config::SplitUrl split = config::split_base_url(provider.base_url);
  return config::origin_of(provider.base_url) + (split.url ? split.url->prefix : std::string());
}

}  // namespace

std::shared_ptr<ProviderHealth> HealthTable::of(const Provider& provider) {
  const std::string place = place_of(provider);
  const std::scoped_lock lock(mutex_);
  Entry& entry = entries_[provider.name];
  if (!entry.health || entry.place != place || !(entry.key == provider.api_key))
    entry = {place, provider.api_key, std::make_shared<ProviderHealth>(provider.name)};
  return entry.health;
}

void HealthTable::settle_on(const Config& config) {
  std::set<std::string_view> names;
  for (const Provider& provider : config.providers)
    names.insert(provider.name);
  const std::size_t share =
      std::max<std::size_t>(limits::wildcard_models_max / std::max<std::size_t>(names.size(), 1), 1);
  const std::scoped_lock lock(mutex_);
  std::erase_if(entries_, [&](const auto& entry) { return !names.contains(entry.first); });
  for (auto& [name, entry] : entries_)
    entry.health->set_wildcards_max(share);
}

}  // namespace airouter::routing
