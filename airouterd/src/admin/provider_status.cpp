#include "admin/provider_status.h"

#include <algorithm>

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

}  // namespace

std::vector<Status> statuses(const airouter::Router& router, const airouter::Config& config) {
  std::vector<Status> list;
  for (const HealthReport& report : router.health())
    list.push_back(status_of(report));
  for (auto status = list.begin(); status != list.end();) {
    const auto end =
        std::find_if(status + 1, list.end(), [](const Status& other) { return other.model.empty(); });
    const auto provider =
        std::find_if(config.providers.begin(), config.providers.end(),
                     [&](const auto& candidate) { return candidate.name == status->provider; });
    status->models_cooling = static_cast<int>(end - status) - 1;
    if (provider != config.providers.end()) {
      const auto is_out = [&](const std::string& model) {
        return std::any_of(status + 1, end, [&](const Status& other) { return other.model == model; });
      };
      const auto& models = provider->supported_models;
      const bool all_out = !models.empty() && std::all_of(models.begin(), models.end(), is_out);
      if (!provider->enabled) status->state = "off";
      status->is_available = status->is_available && provider->enabled && !all_out;
    }
    status = end;
  }
  return list;
}

}  // namespace airouterd::admin
