#include "routing/health_table.h"

#include <algorithm>

#include "config/base_url.h"

namespace airouter::routing {

std::shared_ptr<ProviderHealth> HealthTable::of(const Provider& provider) {
  const std::string origin = config::origin_of(provider.base_url);
  const std::scoped_lock lock(mutex_);
  Entry& entry = entries_[provider.name];
  if (!entry.health || entry.origin != origin || !(entry.key == provider.api_key))
    entry = {origin, provider.api_key, std::make_shared<ProviderHealth>(provider.name, wildcard_count_)};
  return entry.health;
}

void HealthTable::keep_only(const Config& config) {
  const std::scoped_lock lock(mutex_);
  std::erase_if(entries_, [&](const auto& entry) {
    return std::none_of(config.providers.begin(), config.providers.end(),
                        [&](const Provider& provider) { return provider.name == entry.first; });
  });
}

}  // namespace airouter::routing
