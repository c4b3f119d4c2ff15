#pragma once

#include <optional>
#include <string>

namespace airouterd {

// How the program ends, as the operating system sees it.
enum class ExitCode { fine = 0, failed = 1, usage = 2, config_invalid = 3, cannot_listen = 4 };

// The command line. Empty strings and unset values mean: not given.
struct Options {
  enum class Command { serve, check, demo, admin_url, hash_password, route, status };

  Command command = Command::serve;
  std::string config_file{};  // of all but demo and hash_password
  std::string model{};        // of route
  std::string host{};
  std::optional<int> port{};
  std::string data_folder{};
  std::string panel_folder{};  // the panel's files, instead of those built in
  std::string admin_auth{};    // as admin.auth in the config
  std::string language{};      // "zh" or "en"
  std::string log_format{};    // of the console: "text" or "json"
  std::string log_level{};     // of the console: "debug", "info", "warning" or "error"
  bool once = false;           // of demo
};

// What the command line asks for; or what to exit with, everything there is to say having been printed.
struct ParsedOptions {
  std::optional<Options> options{};
  ExitCode exit_code{};
};

ParsedOptions parse_options(int argc, const char* const* argv);

}  // namespace airouterd
