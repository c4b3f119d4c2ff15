#pragma once

#include <atomic>
#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>

#include <airouter/router.h>

#include "admin/context.h"
#include "admin/door.h"
#include "admin/provider_tester.h"
#include "base/byte_budget.h"
#include "base/limits.h"
#include "console.h"
#include "dispatcher.h"
#include "http/server.h"
#include "observers.h"
#include "proxy/gate.h"
#include "store/admin_token.h"
#include "store/client_keys.h"
#include "store/config_store.h"
#include "store/request_log.h"
#include "store/server_config.h"
#include "store/statistics.h"

namespace airouterd {

// "http://127.0.0.1:8000": where programs on this machine find a server that listens there.
std::string address_of(const std::string& host, int port);

// What a server has from its last run.
struct Stored {
  std::filesystem::path folder{};     // for the files of this one; empty: there is none
  bool is_folder_missing = false;     // there should be one, but it cannot be used
  std::filesystem::path keys_file{};  // empty: client keys live in memory only
  store::AdminToken admin_token = store::temporary_admin_token();
};

// What only some servers have.
struct Extras {
  std::filesystem::path panel_folder{};  // the panel's files, instead of those built in
  std::shared_ptr<airouter::Observer> observer{};
  std::function<std::string(std::string_view provider)> trip{};  // see admin::Context
};

// The running server and everything it is made of. Used by one thread; its handlers run on the server's. A
// change of the config is taken into service by whoever makes it.
class Service {
 public:
  // Takes the port. Errors: invalid_config, saying what stands in the way.
  // Serves what `config` has, and what it will have; it must outlive the service.
  static airouter::Result<std::unique_ptr<Service>> create(store::ConfigStore& config, const Stored& stored,
                                                           std::shared_ptr<Console> console,
                                                           const Extras& extras = {});
  ~Service();  // stops at once
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;

  // Errors: overloaded, if the system has no thread for it.
  airouter::Result<void> start();

  // Turns new calls away while those in flight go on. Live views end.
  void drain() noexcept;
  int in_flight() const noexcept { return gate_.in_flight(); }

  // Ends the calls that are still in flight: their clients are told so.
  void end_calls() noexcept;

  // Ends idle connections at once and others after their reply; `has_ended` once there are none.
  void close() noexcept { server_.close_listener(); }
  bool has_ended() const noexcept { return has_ended_.load(); }

  // Ends every connection at once, whatever is under way.
  void cut() noexcept;

  store::RequestLog& log() noexcept { return *log_; }

  std::string address() const { return address_of(host_, port_); }
  std::size_t connections_max() const noexcept { return connections_max_; }

  // What is wrong with what was stored, for the operator.
  const std::vector<std::string>& storage_warnings() const noexcept { return keys_.warnings(); }
  bool has_client_keys() const noexcept { return keys_.ever_made(); }

  // Counters that a kill would lose. For any thread.
  airouter::Result<void> save_counters() { return keys_.save_counters(); }

  // How long calls may go on once the server is to stop.
  std::chrono::milliseconds drain_time() const noexcept { return drain_time_.load(); }

 private:
  Service(airouter::Router router, store::ConfigStore& config, const Stored& stored, const Extras& extras,
          std::shared_ptr<Console> console, std::shared_ptr<store::Statistics> statistics,
          std::shared_ptr<store::RequestLog> log, std::shared_ptr<Observers> observers,
          std::size_t connections_allowed);
  airouter::Result<void> reload(const airouter::Config& routing, const store::ServerConfig& server);
  void set_serving(const airouter::Config& routing, const store::ServerConfig& server);

  // Constant after construction.
  const std::shared_ptr<Console> console_;
  const std::shared_ptr<store::Statistics> statistics_;
  const std::shared_ptr<store::RequestLog> log_;
  const std::shared_ptr<Observers> observers_;
  const std::size_t connections_max_;
  const std::string host_;
  int port_ = 0;

  // Own synchronization.
  airouter::ByteBudget body_bytes_{airouter::limits::request_bytes_in_flight_max};
  airouter::ByteBudget api_body_bytes_{airouter::limits::api_bytes_in_flight_max};
  airouter::Router router_;
  proxy::Gate gate_;
  const std::shared_ptr<airouter::Clock> clock_ = airouter::make_system_clock();
  store::ClientKeys keys_;
  admin::Door door_;
  admin::ProviderTester tester_;
  const admin::Context admin_;
  Dispatcher dispatcher_;
  http::Server server_;
  std::atomic<bool> has_ended_{false};
  std::atomic<std::chrono::milliseconds> drain_time_{};

  // Used by one thread.
  std::thread thread_{};
};

}  // namespace airouterd
