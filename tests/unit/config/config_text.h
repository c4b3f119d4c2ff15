#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include <airouter/config.h>

// What the tests of the config layer share: configs and problems as text, to be compared whole.
namespace airouter {

// The keys of a server, as it would pass them.
inline constexpr KeySpec server_keys[] = {
    {"/server_port", "integer"},     {"/server_host", "string"},         {"/stream_keepalive", "number"},
    {"/commit_after", "number"},     {"/client_auth", "string"},         {"/allowed_origins", "array"},
    {"/allowed_hosts", "array"},     {"/trusted_proxies", "array"},      {"/public_url", "string"},
    {"/admin/auth", "string"},       {"/admin/password_hash", "string"}, {"/log", "object"},
    {"/log/keep_days", "integer"},   {"/log/max_mb", "integer"},         {"/body_limit_mb", "number"},
    {"/max_connections", "integer"}, {"/max_in_flight", "integer"},      {"/drain_time", "number"},
};

inline std::string lines(const std::vector<ConfigProblem>& problems) {
  std::string out;
  for (const ConfigProblem& problem : problems)
    out += to_string(problem) + "\n";
  return out;
}

inline std::string report(std::string_view json) {
  return lines(check_config(json, server_keys));
}

inline std::string shown(const Timeouts& t) {
  return fmt::format("{}/{}/{}/{}", t.connect.count(), t.first_output.count(), t.idle.count(),
                     t.total.count());
}

// One provider that is fine but for `members`, which come last: the report names pointers below /providers/0.
inline std::string with_provider(std::string_view members) {
  std::string out =
      R"({"providers":[{"name":"A","base_url":"https://a.example/v1","api_key":"sk-0123456789",)";
  out += R"("supported_models":["m"])";
  if (!members.empty()) out += ",";
  return out.append(members) + "}]}";
}

// The problems alone, without places.
inline std::string messages(std::string_view json) {
  std::string out;
  for (ConfigProblem problem : check_config(json, server_keys)) {
    problem.line = 0;
    out += to_string(problem) + "\n";
  }
  return out;
}

inline std::string text_of(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

// A folder of its own, gone with this object.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "airouter-config-XXXXXX").string();
    path_ = mkdtemp(name.data());
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  std::filesystem::path write(std::string_view name, std::string_view content) const {
    const std::filesystem::path file = path_ / name;
    std::ofstream(file, std::ios::binary) << content;
    return file;
  }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_{};
};

// An environment variable that is set as long as this lives.
class Variable {
 public:
  Variable(const char* name, const char* value) : name_(name) { setenv(name, value, 1); }
  ~Variable() { unsetenv(name_); }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;

 private:
  const char* name_;
};

}  // namespace airouter
