#include "commands.h"

#include <cstdio>
#include <filesystem>

#include <fmt/format.h>

#include "base/json.h"
#include "base/text.h"
#include "base/text_file.h"
#include "config_input.h"
#include "language.h"
#include "meaning.h"
#include "service.h"

namespace airouterd {

ExitCode check(const Options& options) {
  const std::string file = file_of(options);
  const Language language = language_of(options.language);
  std::error_code error;
  if (options.config_file.empty() && !std::filesystem::exists(file, error)) {
    complain(std::string(pick(
        language, "there is no config.json here; name a file, or start from a copy of config.example.json",
        "此处没有 config.json；请指定文件，或从 config.example.json 的副本开始")));
    return ExitCode::config_invalid;
  }
  const airouter::TextFile read =
      airouter::read_text_file(file, store::config_bytes_max, airouter::FileKind::any);
  if (!read.problem.empty()) {
    complain_of_unreadable(file, read.problem, language);
    return ExitCode::config_invalid;
  }
  const store::ParsedFile parsed = store::parse_file(read.text);
  for (const airouter::ConfigProblem& problem : parsed.problems)
    std::printf("%s\n", line_of(file, problem, language).c_str());
  if (!parsed.is_usable()) return ExitCode::config_invalid;
  if (std::string problem = store::admin_problem(parsed.server); !problem.empty()) {
    std::printf("%s\n", line_of(file, {"/admin/auth", 0, 0, std::move(problem), true}, language).c_str());
    return ExitCode::config_invalid;
  }
  std::printf("%s", fmt::format(fmt::runtime(pick(language, "{} is fine: {} providers, {} mapped models\n",
                                                  "{} 没有问题：{} 个 Provider，{} 个模型映射\n")),
                                file, parsed.routing.providers.size(), parsed.routing.model_map.size())
                        .c_str());
  if (const auto root = airouter::json::parse(read.text, {.comments = true}).value)
    std::printf("%s", meaning_of(parsed, *root, language).c_str());
  return ExitCode::fine;
}

ExitCode show_admin_url(const Options& options) {
  store::ConfigStore config(place_of(options));
  if (!load(config, options)) return ExitCode::config_invalid;
  const auto loaded = config.current();
  const store::ServerConfig& server = loaded->parsed.server;
  std::string url = address_of(options, server) + "/admin";
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

ExitCode show_route(const Options& options) {
  store::ConfigStore config(place_of(options));
  if (!load(config, options)) return ExitCode::config_invalid;
  const auto router = airouter::Router::create(config.current()->parsed.routing);
  if (!router) {
    complain(router.error().message);
    return ExitCode::config_invalid;
  }
  const Language language = language_of(options.language);
  const auto shown = [](std::string_view name) { return airouter::text::printable(name); };
  const airouter::Plan plan = router->explain(options.model);
  for (const airouter::Candidate& candidate : plan.candidates)
    std::printf("%5.1f %%  %s %s %s\n", candidate.share * 100, shown(candidate.provider).c_str(),
                std::string(pick(language, "as", "→")).c_str(), shown(candidate.model).c_str());
  for (const airouter::Skipped& skipped : plan.skipped)
    std::printf("      -  %s: %s\n", shown(skipped.provider).c_str(),
                std::string(airouter::to_string(skipped.reason)).c_str());
  if (!plan.candidates.empty()) return ExitCode::fine;
  complain(fmt::format(fmt::runtime(pick(language, "nobody would answer '{}'", "没有 Provider 会应答“{}”")),
                       shown(options.model)));
  return ExitCode::failed;
}

}  // namespace airouterd
