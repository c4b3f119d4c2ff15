#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <airouter/config.h>

#include "routing/health_table.h"

namespace airouter::routing {

// A provider that could answer for one model name, and what to call the model there, best first.
struct RouteCandidate {
  std::size_t provider = 0;  // index into the config's providers
  bool is_off = false;
  int weight = 1;
  std::vector<ModelChoice> models{};
  std::shared_ptr<ProviderHealth> health{};
};

using CandidateList = std::vector<RouteCandidate>;

// Who could answer for which name, worked out once per config, so that a call costs only its own candidates.
// Immutable, and so thread-safe.
class RouteTable {
 public:
  RouteTable(std::shared_ptr<const Config> config, HealthTable& health);

  const Config& config() const noexcept { return *config_; }

  // In config order, switched-off providers included; empty if nobody serves that name. Never null.
  std::shared_ptr<const CandidateList> candidates(std::string_view model) const;

  // What clients may be told to ask for: map names and supported models of providers that are on and not
  // disabled.
  std::vector<std::string> models() const;

  // Precondition: an index into the config's providers.
  const std::shared_ptr<ProviderHealth>& health(std::size_t provider) const { return health_[provider]; }

 private:
  struct Pattern {
    std::size_t provider = 0;
    std::string text{};
  };
  struct NameHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view s) const noexcept { return std::hash<std::string_view>{}(s); }
  };
  template <class Value>
  using ByName = std::unordered_map<std::string, Value, NameHash, std::equal_to<>>;

  // The candidates for a list of real model names, by asking the two indices below.
  CandidateList join(const std::vector<std::string>& models) const;

  // Constant after construction.
  std::shared_ptr<const Config> config_;
  std::vector<std::shared_ptr<ProviderHealth>> health_{};  // in config order
  ByName<std::vector<std::size_t>> exact_{};               // real model name → providers that list it
  std::vector<std::string> names_{};                       // of exact_ and of the map, sorted
  std::set<std::string> mapped_{};                         // the names of the map
  std::vector<Pattern> patterns_{};                        // the supported_models with a `*`
  ByName<std::shared_ptr<const CandidateList>> by_name_{};
};

}  // namespace airouter::routing
