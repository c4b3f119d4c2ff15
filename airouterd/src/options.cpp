#include "options.h"

#include <cstdio>

#include <CLI/CLI.hpp>

#include <airouter/version.h>

namespace airouterd {
namespace {

// Where a server is and keeps its files.
void add_place_options(CLI::App& app, Options& options) {
  app.add_option("--host", options.host, "address to listen on, instead of the config's server_host");
  app.add_option("--port", options.port,
                 "port to listen on, instead of the config's server_port; 0: any free one")
      ->check(CLI::Range(0, 65'535));
  app.add_option("--data", options.data_folder, "data folder; default: data/ beside the config file");
  app.add_option("--admin-auth", options.admin_auth, "who may administer: instead of the config's admin.auth")
      ->check(CLI::IsMember({"token", "password", "none"}));
}

void add_language_option(CLI::App& app, Options& options) {
  app.add_option("--lang", options.language, "language to speak; default: the locale's")
      ->check(CLI::IsMember({"zh", "en"}));
}

void add_serving_options(CLI::App& app, Options& options) {
  add_place_options(app, options);
  app.add_option("--web-root", options.panel_folder,
                 "serve the panel from this folder, not from the program: for working on it")
      ->check(CLI::ExistingDirectory);
  add_language_option(app, options);
  app.add_option("--log-format", options.log_format, "of the console's lines; default: text")
      ->check(CLI::IsMember({"text", "json"}));
  app.add_option("--log-level", options.log_level,
                 "of the console: what matters less is not shown; default: info")
      ->check(CLI::IsMember({"debug", "info", "warning", "error"}));
}

void add_config_option(CLI::App& app, Options& options) {
  app.add_option("-c,--config", options.config_file, "config file; default: ./config.json, if it is there");
}

}  // namespace

ParsedOptions parse_options(int argc, const char* const* argv) {
  Options options;
  CLI::App app{"One dependable address in front of many undependable LLM providers.", "airouterd"};
  app.set_version_flag("--version", std::string("airouterd ") + airouter::version());
  app.footer("Exit codes: 0 fine, 1 failed at run time, 2 usage, 3 config invalid, 4 cannot listen.");
  add_config_option(app, options);
  add_serving_options(app, options);

  CLI::App* serve = app.add_subcommand("serve", "serve; what happens without a command, too");
  add_config_option(*serve, options);
  add_serving_options(*serve, options);
  CLI::App* check = app.add_subcommand("check", "name everything that is wrong with a config file");
  check->add_option("file,-c,--config", options.config_file, "the file; default: ./config.json");
  add_language_option(*check, options);
  CLI::App* demo =
      app.add_subcommand("demo", "serve the model 'demo' from built-in providers, of which two fail");
  add_serving_options(*demo, options);
  demo->add_flag("--once", options.once, "show one request and exit");

  CLI::App* admin_url =
      app.add_subcommand("admin-url", "print the address of the panel, with the token that opens it");
  add_config_option(*admin_url, options);
  add_place_options(*admin_url, options);
  add_language_option(*admin_url, options);
  CLI::App* route =
      app.add_subcommand("route", "say who would answer a model by the config; nothing is sent");
  route->add_option("model", options.model, "what a client would ask for")->required();
  add_config_option(*route, options);
  add_language_option(*route, options);
  CLI::App* status = app.add_subcommand("status", "ask the running server how it is");
  add_config_option(*status, options);
  add_place_options(*status, options);
  add_language_option(*status, options);
  CLI::App* hash_password = app.add_subcommand(
      "hash-password", "ask for a password, or read it from a pipe, and print the config's password_hash");

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const bool is_answer = app.exit(error) == 0;  // --help and --version
    return {std::nullopt, is_answer ? ExitCode::fine : ExitCode::usage};
  }
  if (check->parsed()) options.command = Options::Command::check;
  if (demo->parsed()) options.command = Options::Command::demo;
  if (admin_url->parsed()) options.command = Options::Command::admin_url;
  if (route->parsed()) options.command = Options::Command::route;
  if (status->parsed()) options.command = Options::Command::status;
  if (hash_password->parsed()) options.command = Options::Command::hash_password;
  if (demo->parsed() && !(options.config_file.empty() && options.data_folder.empty())) {
    std::fputs("demo has its own config and keeps nothing: it takes neither --config nor --data\n", stderr);
    return {std::nullopt, ExitCode::usage};
  }
  // An IPv6 address may be given as in a URL.
  if (options.host.starts_with('[') && options.host.ends_with(']'))
    options.host = options.host.substr(1, options.host.size() - 2);
  return {options, ExitCode::fine};
}

}  // namespace airouterd
