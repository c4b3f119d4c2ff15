#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <airouter/router.h>

namespace airouterd::admin {

// How a provider, or one of its models, stands now, in the words of /stats.
struct Status {
  std::string provider{}, model{};  // empty model: the whole provider
  std::string_view state{};         // healthy, cooling, permanently_disabled or off
  std::string_view cooldown_reason{};
  std::chrono::milliseconds left{};
  int models_cooling = 0;    // of a provider
  bool is_available = true;  // a provider: on, usable, with at least one usable model
};

// Every provider in config order, each followed by its models that are not healthy.
std::vector<Status> statuses(const airouter::Router& router, const airouter::Config& config);

}  // namespace airouterd::admin
