#include "config_input.h"

#include <cstdio>

#include <fmt/format.h>

#include "service.h"
#include "store/data_folder.h"

namespace airouterd {
namespace {

constexpr std::string_view default_file = "config.json";

}  // namespace

void complain(const std::string& text) {
  std::fputs((text + "\n").c_str(), stderr);
}

std::string file_of(const Options& options) {
  return options.config_file.empty() ? std::string(default_file) : options.config_file;
}

std::filesystem::path data_folder_of(const Options& options) {
  return options.data_folder.empty() ? std::filesystem::path(file_of(options)).parent_path() / "data"
                                     : std::filesystem::path(options.data_folder);
}

store::ConfigPlace place_of(const Options& options) {
  return {file_of(options), data_folder_of(options) / "config.last-good.json", options.host, options.port,
          options.admin_auth};
}

std::string address_of(const Options& options, const store::ServerConfig& server) {
  const bool is_place_open = options.host.empty() && options.port.value_or(0) == 0;
  std::string running = is_place_open ? store::running_address(data_folder_of(options)) : std::string();
  return running.empty() ? address_of(server.host, server.port) : running;
}

std::string line_of(const std::string& file, const airouter::ConfigProblem& problem) {
  return fmt::format("{}:{}", file, airouter::to_string(problem));
}

void complain_of(const std::string& file, const store::ConfigOutcome& outcome) {
  for (const airouter::ConfigProblem& problem : outcome.problems)
    complain(line_of(file, problem));
  if (outcome.problems.empty()) complain(fmt::format("{} {}", file, outcome.reason));
}

bool load(store::ConfigStore& config, const Options& options) {
  using Kind = store::ConfigOutcome::Kind;
  const std::string file = file_of(options);
  const auto outcome = config.load(!options.config_file.empty());
  if (outcome.is_done()) return true;
  if (outcome.kind == Kind::unreadable) {
    complain(fmt::format("{} {}; start from a copy of config.example.json", file, outcome.reason));
  } else {
    complain_of(file, outcome);
  }
  std::error_code error;
  if (std::filesystem::exists(config.place().last_good, error))
    complain(fmt::format("the last config that worked is in {}", config.place().last_good.string()));
  return false;
}

std::vector<airouter::ConfigProblem> warnings_of(const store::LoadedConfig& config, const Options& options) {
  std::vector<airouter::ConfigProblem> warnings = config.parsed.problems;
  std::erase_if(warnings, [](const auto& problem) { return problem.fatal; });
  if (store::is_open_to_all(options.host)) {
    warnings.push_back({"--host", 0, 0, options.host + " listens on every network of this machine", false});
  }
  return warnings;
}

}  // namespace airouterd
