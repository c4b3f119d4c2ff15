#pragma once

#include <functional>

#include <airouter/router.h>

#include "admin/door.h"
#include "admin/provider_tester.h"
#include "store/config_store.h"
#include "store/statistics.h"

namespace airouterd::admin {

// What the admin API acts on. All of it has its own synchronization and outlives the server's threads.
struct Context {
  airouter::Router& router;
  const store::Statistics& statistics;
  std::function<bool()> is_draining{};
  Door& door;
  store::ConfigStore& config;
  ProviderTester& tester;
};

}  // namespace airouterd::admin
