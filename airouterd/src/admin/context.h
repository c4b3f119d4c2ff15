#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

#include <airouter/router.h>

#include "admin/door.h"
#include "admin/provider_tester.h"
#include "store/client_keys.h"
#include "store/config_store.h"
#include "store/request_log.h"
#include "store/statistics.h"

namespace airouterd::admin {

// What the process that serves was started with.
struct ProcessFacts {
  std::string config_file{};             // empty: there is none
  std::filesystem::path panel_folder{};  // the panel's files, instead of those built in; empty: those
  std::size_t connections_allowed = 0;   // by the descriptors that the process may have
  std::chrono::steady_clock::time_point started = std::chrono::steady_clock::now();
};

// What the admin API acts on. All of it has its own synchronization and outlives the server's threads.
struct Context {
  airouter::Router& router;
  const store::Statistics& statistics;
  std::function<bool()> is_draining{};
  Door& door;
  store::ClientKeys& keys;
  store::ConfigStore& config;
  ProviderTester& tester;
  store::RequestLog& log;
  ProcessFacts process{};

  // Of the demonstration only: makes a provider fail for a while; null elsewhere. Answers the model that
  // shows it best; empty: there is no such provider.
  std::function<std::string(std::string_view provider)> trip{};
};

}  // namespace airouterd::admin
