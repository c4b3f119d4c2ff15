#pragma once

#include <chrono>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <airouter/config.h>

namespace airouterd::store {

// The daemon's own keys of config.json; the library owns the others. Defaults as in docs/configuration.md.
struct ServerConfig {
  std::string host = "127.0.0.1";
  int port = 8000;
  std::string client_auth = "auto";
  std::vector<std::string> allowed_origins{}, allowed_hosts{}, trusted_proxies{};
  std::string public_url{};
  std::chrono::milliseconds stream_keepalive{15'000};
  std::chrono::milliseconds commit_after{15'000};
  std::size_t body_limit_bytes = std::size_t{32} << 20;
  int max_connections = 4096;
  int max_in_flight = 2048;
  std::chrono::milliseconds drain_time{30'000};
  std::string admin_auth = "token";
  std::string admin_password_hash{};
  bool log_enabled = true;
  int log_keep_days = 30, log_max_mb = 1024;
};

// Whether listening on `host` means listening on every network of this machine.
bool is_open_to_all(std::string_view host);

// What is wrong with the way in for the administrator, given all the others; empty: nothing. Apart from
// parse_file, since the command line has a say in it.
std::string admin_problem(const ServerConfig& server);

// The types of those keys, for the library's checks.
std::span<const airouter::KeySpec> server_keys();

// Everything a config file says, and everything that is wrong with it.
struct ParsedFile {
  airouter::Config routing{};
  ServerConfig server{};
  std::vector<airouter::ConfigProblem> problems{};  // warnings included

  bool is_usable() const;
};

// Reads secrets from the environment and from files where `json` says so.
ParsedFile parse_file(std::string_view json);

}  // namespace airouterd::store
