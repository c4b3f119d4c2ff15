#include "config_input.h"

#include <cstdio>

#include <fmt/format.h>

#include "language.h"
#include "service.h"
#include "store/data_folder.h"
#include "store/in_chinese.h"

namespace airouterd {
namespace {

constexpr std::string_view default_file = "config.json";

std::string in_language(const std::string& english, Language language) {
  return language == Language::chinese ? store::in_chinese(english) : english;
}

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

std::string text_of(airouter::ConfigProblem problem, Language language) {
  if (language == Language::chinese) {
    problem.message = (problem.fatal ? "" : "警告：") + store::in_chinese(problem.message);
    problem.fatal = true;  // the word for a warning has been said
  }
  return airouter::to_string(problem);
}

std::string line_of(const std::string& file, const airouter::ConfigProblem& problem, Language language) {
  return fmt::format("{}:{}", file, text_of(problem, language));
}

void complain_of(const std::string& file, const store::ConfigOutcome& outcome, Language language) {
  for (const airouter::ConfigProblem& problem : outcome.problems)
    complain(line_of(file, problem, language));
  if (outcome.problems.empty()) complain(fmt::format("{} {}", file, in_language(outcome.reason, language)));
}

void complain_of_unreadable(const std::string& file, const std::string& reason, Language language) {
  complain(fmt::format(fmt::runtime(pick(language, "{} {}; start from a copy of config.example.json",
                                         "{} 无法使用（{}）；可以从 config.example.json 的副本开始")),
                       file, in_language(reason, language)));
}

bool load(store::ConfigStore& config, const Options& options) {
  using Kind = store::ConfigOutcome::Kind;
  const std::string file = file_of(options);
  const Language language = language_of(options.language);
  const auto outcome = config.load(!options.config_file.empty());
  if (outcome.is_done()) return true;
  if (outcome.kind == Kind::unreadable) {
    complain_of_unreadable(file, outcome.reason, language);
  } else {
    complain_of(file, outcome, language);
  }
  std::error_code error;
  if (std::filesystem::exists(config.place().last_good, error))
    complain(std::string(pick(language, "the last config that worked is in ", "上一份可用的配置在 ")) +
             config.place().last_good.string());
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
