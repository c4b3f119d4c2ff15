#include <fmt/format.h>

#include <airouter/config.h>

#include "base/limits.h"
#include "base/text.h"
#include "base/text_file.h"
#include "config/config_keys.h"
#include "config/document.h"
#include "config/findings.h"

namespace airouter {
namespace {

// A thousand providers of a hundred models each take 3 MiB.
constexpr std::size_t config_bytes_max = 16 * limits::mebibyte;

// Longer pointers come from pasted texts.
constexpr std::size_t pointer_shown_bytes_max = 200;

struct Analysis {
  Config config{};
  std::vector<ConfigProblem> problems{};
};

// What the rules say about the config, unless its place in the file is already known to be wrong.
void add_rules(const config::Document& document, const Config& config, config::Findings& findings) {
  std::vector<ConfigProblem> by_rule;
  for (ConfigProblem& problem : check_config(config))
    if (!findings.is_spoiled(problem.where)) by_rule.push_back(std::move(problem));
  for (ConfigProblem& problem : by_rule)
    findings.add(std::move(problem));
  findings.place_all(document);
}

Analysis analyse(std::string_view text, std::span<const KeySpec> more) {
  Analysis out;
  if (text.size() > config_bytes_max) {
    out.problems.push_back({.message = "the config is larger than 16 MiB"});
    return out;
  }
  const config::Document document(text);
  if (!document.parsed().value) {
    ConfigProblem problem{.message = "invalid JSON: " + document.parsed().error.message};
    document.place(problem, document.parsed().error.offset);
    out.problems.push_back(std::move(problem));
    return out;
  }
  config::Findings findings;
  config::Reader reader(document, more, findings);
  reader.find_duplicates(*document.parsed().value);
  reader.object(*document.parsed().value, config::config_keys(), out.config);
  add_rules(document, out.config, findings);
  out.problems = findings.take();
  return out;
}

Error invalid(std::string message) {
  return {.code = ErrorCode::invalid_config, .message = std::move(message)};
}

// `prefix` stands before each line, as compilers put the file's name.
Result<Config> usable(Analysis analysis, const std::string& prefix) {
  std::string message;
  for (const ConfigProblem& problem : analysis.problems)
    if (problem.fatal) message += (message.empty() ? "" : "\n") + prefix + to_string(problem);
  if (!message.empty()) return invalid(std::move(message));
  return std::move(analysis.config);
}

}  // namespace

const Timeouts& timeouts_of(const Config& config, const Provider& provider) noexcept {
  return provider.timeouts ? *provider.timeouts : config.timeouts;
}

std::string to_string(const ConfigProblem& problem) {
  std::string out;
  if (problem.line > 0) out = fmt::format("{}:{}", problem.line, problem.column);
  if (!problem.where.empty())
    out +=
        (out.empty() ? "" : " ") + text::shortened(text::printable(problem.where), pointer_shown_bytes_max);
  if (!out.empty()) out += ": ";
  if (!problem.fatal) out += "warning: ";
  return out += text::printable(problem.message);
}

Result<Config> parse_config(std::string_view json, std::span<const KeySpec> more) {
  return usable(analyse(json, more), "");
}

Result<Config> load_config(const std::filesystem::path& file, std::span<const KeySpec> more) {
  const std::string name = text::printable(file.string());
  const TextFile read = read_text_file(file, config_bytes_max, FileKind::any);
  if (!read.problem.empty()) return invalid(fmt::format("the config file '{}' {}", name, read.problem));
  return usable(analyse(read.text, more), name + ":");
}

std::vector<ConfigProblem> check_config(std::string_view json, std::span<const KeySpec> more) {
  return analyse(json, more).problems;
}

std::vector<ConfigProblem> check_config(const Config& config) {
  config::Findings findings;
  config::check_object(findings, config::config_keys(), config);
  return findings.take();
}

}  // namespace airouter
