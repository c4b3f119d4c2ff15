#include "admin/provider_status.h"

#include <algorithm>
#include <iterator>
#include <span>
#include <unordered_map>
#include <unordered_set>

namespace airouterd::admin {
namespace {

using airouter::HealthReport;
using airouter::HealthState;

std::string_view state_name(HealthState state) {
  switch (state) {
    case HealthState::healthy:
      return "healthy";
    case HealthState::cooling:
      return "cooling";
    case HealthState::probing:
      return "cooling";
    case HealthState::disabled:
      return "permanently_disabled";
  }
  return "healthy";
}

Status status_of(const HealthReport& report) {
  Status status;
  status.provider = report.provider;
  status.model = report.model;
  status.state = state_name(report.state);
  if (report.state != HealthState::healthy) status.cooldown_reason = airouter::to_string(report.cause);
  status.left = report.left;
  status.is_available = report.state == HealthState::healthy;
  return status;
}

// Whether there are models, and every one of them is among those that are out.
bool are_out(const std::vector<std::string>& models, std::span<const Status> out) {
  if (models.empty() || out.empty()) return false;
  std::unordered_set<std::string_view> names;
  for (const Status& status : out)
    names.insert(status.model);
  return std::all_of(models.begin(), models.end(),
                     [&](const std::string& model) { return names.contains(model); });
}

}  // namespace

std::vector<Status> statuses(const airouter::Router& router, const airouter::Config& config) {
  std::vector<Status> list;
  for (const HealthReport& report : router.health())
    list.push_back(status_of(report));
  std::unordered_map<std::string_view, const airouter::Provider*> providers;
  for (const airouter::Provider& provider : config.providers)
    providers.emplace(provider.name, &provider);
  for (auto status = list.begin(); status != list.end();) {
    const auto end =
        std::find_if(status + 1, list.end(), [](const Status& other) { return other.model.empty(); });
    const auto found = providers.find(status->provider);
    status->models_cooling = static_cast<int>(end - status) - 1;
    if (found != providers.end()) {
      const airouter::Provider& provider = *found->second;
      if (!provider.enabled) status->state = "off";
      status->is_available = status->is_available && provider.enabled &&
                             !are_out(provider.supported_models, {std::next(status), end});
    }
    status = end;
  }
  return list;
}

}  // namespace airouterd::admin
