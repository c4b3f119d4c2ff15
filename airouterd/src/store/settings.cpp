#include "store/settings.h"

#include <array>
#include <chrono>
#include <string>
#include <vector>

#include "base/json_edit.h"

namespace airouterd::store {
namespace {

namespace json = airouter::json;
using airouter::CooldownPolicy;
using airouter::Timeouts;
using json::Writer;

void write(Writer& writer, const std::string& value) {
  writer.string(value);
}

void write(Writer& writer, int value) {
  writer.integer(value);
}

void write(Writer& writer, bool value) {
  writer.boolean(value);
}

void write(Writer& writer, double value) {
  writer.number(value);
}

// As people write seconds: whole ones without a fraction.
void write(Writer& writer, std::chrono::milliseconds value) {
  if (value.count() % 1000 == 0)
    writer.integer(value.count() / 1000);
  else
    writer.number(static_cast<double>(value.count()) / 1000);
}

void write(Writer& writer, const std::vector<std::string>& values) {
  writer.begin_array();
  for (const std::string& value : values)
    writer.string(value);
  writer.end_array();
}

template <auto member>
void server(Writer& writer, const LoadedConfig& config) {
  write(writer, config.parsed.server.*member);
}

template <auto member>
void routing(Writer& writer, const LoadedConfig& config) {
  write(writer, config.parsed.routing.*member);
}

template <auto member>
void timeouts(Writer& writer, const LoadedConfig& config) {
  write(writer, config.parsed.routing.timeouts.*member);
}

template <auto member>
void cooldown(Writer& writer, const LoadedConfig& config) {
  write(writer, config.parsed.routing.cooldown.*member);
}

void body_limit(Writer& writer, const LoadedConfig& config) {
  const double mebibytes = static_cast<double>(config.parsed.server.body_limit_bytes) / (1024.0 * 1024.0);
  const auto whole = static_cast<std::int64_t>(mebibytes);
  static_cast<double>(whole) == mebibytes ? writer.integer(whole) : writer.number(mebibytes);
}

json::Path path_of(std::string_view pointer) {
  json::Path path;
  while (!pointer.empty()) {
    pointer.remove_prefix(1);
    const std::size_t end = std::min(pointer.find('/'), pointer.size());
    path.emplace_back(pointer.substr(0, end));
    pointer.remove_prefix(end);
  }
  return path;
}

bool is_written(const LoadedConfig& config, std::string_view pointer) {
  const json::Value* value = json::find(config.root, path_of(pointer));
  return value != nullptr && value->kind != json::Kind::null;
}

// One number for two clocks, as the file has it.
void request_timeout(Writer& writer, const LoadedConfig& config) {
  const json::Value* value = json::find(config.root, {"request_timeout"});
  if (value != nullptr && value->is_number())
    writer.raw(value->text);
  else
    write(writer, Timeouts().idle);
}

void password_hash(Writer& writer, const LoadedConfig& config) {
  is_written(config, "/admin/password_hash") ? writer.string("***") : writer.null();
}

constexpr std::array table{
    Setting{"/server_host", true, false, &server<&ServerConfig::host>},
    Setting{"/server_port", true, false, &server<&ServerConfig::port>},
    Setting{"/max_retries", false, false, &routing<&airouter::Config::max_retries>},
    Setting{"/request_timeout", false, false, &request_timeout},
    Setting{"/timeouts/connect", false, false, &timeouts<&Timeouts::connect>},
    Setting{"/timeouts/first_output", false, false, &timeouts<&Timeouts::first_output>},
    Setting{"/timeouts/idle", false, false, &timeouts<&Timeouts::idle>},
    Setting{"/timeouts/total", false, false, &timeouts<&Timeouts::total>},
    Setting{"/cooldown/rate_limited", false, false, &cooldown<&CooldownPolicy::rate_limited>},
    Setting{"/cooldown/server_error", false, false, &cooldown<&CooldownPolicy::server_error>},
    Setting{"/cooldown/timeout", false, false, &cooldown<&CooldownPolicy::timeout>},
    Setting{"/cooldown/network_error", false, false, &cooldown<&CooldownPolicy::network>},
    Setting{"/cooldown/overloaded", false, false, &cooldown<&CooldownPolicy::overloaded>},
    Setting{"/cooldown/bad_answer", false, false, &cooldown<&CooldownPolicy::bad_answer>},
    Setting{"/cooldown/honor_retry_after", false, false, &cooldown<&CooldownPolicy::honor_retry_after>},
    Setting{"/exponential_backoff/base_multiplier", false, false, &cooldown<&CooldownPolicy::multiplier>},
    Setting{"/exponential_backoff/max_multiplier", false, false, &cooldown<&CooldownPolicy::multiplier_max>},
    Setting{"/rewrite_response_model", false, false, &routing<&airouter::Config::rewrite_response_model>},
    Setting{"/stream_keepalive", false, false, &server<&ServerConfig::stream_keepalive>},
    Setting{"/commit_after", false, false, &server<&ServerConfig::commit_after>},
    Setting{"/client_auth", false, false, &server<&ServerConfig::client_auth>},
    Setting{"/allowed_origins", false, false, &server<&ServerConfig::allowed_origins>},
    Setting{"/allowed_hosts", false, false, &server<&ServerConfig::allowed_hosts>},
    Setting{"/trusted_proxies", false, false, &server<&ServerConfig::trusted_proxies>},
    Setting{"/public_url", false, false, &server<&ServerConfig::public_url>},
    Setting{"/admin/auth", false, true, &server<&ServerConfig::admin_auth>},
    Setting{"/admin/password_hash", false, true, &password_hash},
    Setting{"/log/enabled", true, false, &server<&ServerConfig::log_enabled>},
    Setting{"/log/keep_days", false, false, &server<&ServerConfig::log_keep_days>},
    Setting{"/log/max_mb", false, false, &server<&ServerConfig::log_max_mb>},
    Setting{"/body_limit_mb", false, false, &body_limit},
    Setting{"/max_connections", true, false, &server<&ServerConfig::max_connections>},
    Setting{"/max_in_flight", true, false, &server<&ServerConfig::max_in_flight>},
    Setting{"/drain_time", false, false, &server<&ServerConfig::drain_time>},
};

}  // namespace

std::span<const Setting> settings() {
  return table;
}

std::string_view source_of(const Setting& setting, const LoadedConfig& config, const ConfigPlace& place) {
  if (setting.pointer == "/server_host" && !place.host.empty()) return "command line";
  if (setting.pointer == "/server_port" && place.port) return "command line";
  if (setting.pointer == "/admin/auth" && !place.admin_auth.empty()) return "command line";
  const bool is_silence = setting.pointer == "/timeouts/first_output" || setting.pointer == "/timeouts/idle";
  if (is_silence && is_written(config, "/request_timeout")) return "file";
  return is_written(config, setting.pointer) ? "file" : "default";
}

}  // namespace airouterd::store
