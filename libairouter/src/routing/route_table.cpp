#include "routing/route_table.h"

#include <algorithm>

#include "base/text.h"

namespace airouter::routing {

RouteTable::RouteTable(std::shared_ptr<const Config> config, HealthTable& health)
    : config_(std::move(config)) {
  for (std::size_t i = 0; i < config_->providers.size(); ++i) {
    const Provider& provider = config_->providers[i];
    health_.push_back(health.of(provider));
    for (const std::string& model : provider.supported_models) {
      if (model.find('*') != std::string::npos) {
        patterns_.push_back({i, model});
      } else {
        auto& providers = exact_[model];
        if (providers.empty() || providers.back() != i) providers.push_back(i);
      }
    }
  }
  for (const auto& [model, providers] : exact_)
    by_name_[model] = std::make_shared<const CandidateList>(join({model}));
  for (const auto& [model, providers] : exact_)
    names_.push_back(model);
  for (const ModelMapping& mapping : config_->model_map) {
    mapped_.insert(mapping.name);
    names_.push_back(mapping.name);
  }
  std::sort(names_.begin(), names_.end());
  names_.erase(std::unique(names_.begin(), names_.end()), names_.end());
  // A map entry wins over a real model of the same name.
  for (const ModelMapping& mapping : config_->model_map)
    by_name_[mapping.name] = std::make_shared<const CandidateList>(join(mapping.models));
}

CandidateList RouteTable::join(const std::vector<std::string>& models) const {
  std::map<std::size_t, RouteCandidate> joined;
  const auto add = [&](std::size_t index, const std::string& model, bool is_wildcard) {
    RouteCandidate& candidate = joined[index];
    const auto is_same = [&](const ModelChoice& choice) { return choice.name == model; };
    if (std::none_of(candidate.models.begin(), candidate.models.end(), is_same))
      candidate.models.push_back({model, is_wildcard});
  };
  for (const std::string& model : models) {
    if (const auto found = exact_.find(model); found != exact_.end())
      for (const std::size_t index : found->second)
        add(index, model, false);
    for (const Pattern& pattern : patterns_)
      if (text::matches_wildcard(pattern.text, model)) add(pattern.provider, model, true);
  }
  CandidateList list;
  for (auto& [index, candidate] : joined) {
    const Provider& provider = config_->providers[index];
    candidate.provider = index;
    candidate.is_off = !provider.enabled;
    candidate.weight = provider.weight;
    candidate.health = health_[index];
    list.push_back(std::move(candidate));
  }
  return list;
}

std::shared_ptr<const CandidateList> RouteTable::candidates(std::string_view model) const {
  if (const auto found = by_name_.find(model); found != by_name_.end()) return found->second;
  return std::make_shared<const CandidateList>(patterns_.empty() ? CandidateList{}
                                                                 : join({std::string(model)}));
}

std::vector<std::string> RouteTable::models() const {
  std::vector<std::string> served;
  for (const std::string& name : names_) {
    const auto providers = exact_.find(name);
    const bool is_served =
        mapped_.contains(name) ||
        std::any_of(providers->second.begin(), providers->second.end(), [&](std::size_t index) {
          return config_->providers[index].enabled && !health_[index]->is_disabled(name);
        });
    if (is_served) served.push_back(name);
  }
  return served;
}

}  // namespace airouter::routing
