#include "commands.h"

#include <cstdio>
#include <filesystem>

#include <fmt/format.h>

#include "config_input.h"
#include "service.h"

namespace airouterd {

ExitCode check(const Options& options) {
  const std::string file = file_of(options);
  std::error_code error;
  if (options.config_file.empty() && !std::filesystem::exists(file, error)) {
    complain("there is no config.json here; name a file, or start from a copy of config.example.json");
    return ExitCode::config_invalid;
  }
  const airouter::TextFile read =
      airouter::read_text_file(file, store::config_bytes_max, airouter::FileKind::any);
  if (!read.problem.empty()) {
    complain(fmt::format("{} {}; start from a copy of config.example.json", file, read.problem));
    return ExitCode::config_invalid;
  }
  const store::ParsedFile parsed = store::parse_file(read.text);
  for (const airouter::ConfigProblem& problem : parsed.problems)
    std::printf("%s\n", line_of(file, problem).c_str());
  const std::string problem = store::admin_problem(parsed.server);
  if (!problem.empty()) std::printf("%s: %s\n", file.c_str(), problem.c_str());
  if (!parsed.is_usable() || !problem.empty()) return ExitCode::config_invalid;
  std::printf("%s is fine: %zu providers, %zu mapped models\n", file.c_str(), parsed.routing.providers.size(),
              parsed.routing.model_map.size());
  return ExitCode::fine;
}

ExitCode show_admin_url(const Options& options) {
  store::ConfigStore config(place_of(options));
  if (!load(config, options)) return ExitCode::config_invalid;
  const auto loaded = config.current();
  const store::ServerConfig& server = loaded->parsed.server;
  std::string url = address_of(server.host, server.port) + "/admin";
  if (server.admin_auth != "none") {
    const auto token = store::read_admin_token(data_folder_of(options));
    if (!token) {
      complain(token.error().message);
      return ExitCode::failed;
    }
    url += "#token=" + token->text;
  }
  std::printf("%s\n", url.c_str());
  return ExitCode::fine;
}

}  // namespace airouterd
