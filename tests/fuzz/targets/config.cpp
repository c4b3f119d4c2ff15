// A config file. Claims:
// - the library and the daemon agree on whether the routing part can be used, and a file that can be used
// also
//   passes the checks for configs made by programs;
// - what was loaded, written as a config file again, loads as the same;
// - problems are single lines of printable text, in the order of the file, with places that exist;
// - a key never stands in a problem, whatever is wrong with the file: the word `canary` does not, where the
// file
//   has it nowhere but in values of api_key, base_url and proxy.
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include <airouter/config.h>

#include "base/json.h"
#include "base/text.h"
#include "config/key_source.h"
#include "fuzz.h"
#include "store/server_config.h"

using namespace airouter;

namespace {

constexpr std::string_view canary = "canary";

std::size_t count(std::string_view text, std::string_view word) {
  std::size_t found = 0;
  for (std::size_t at = text.find(word); at != text.npos; at = text.find(word, at + 1))
    ++found;
  return found;
}

constexpr std::array<std::string_view, 3> secrets{"api_key", "base_url", "proxy"};
constexpr std::array<std::string_view, 3> names{"name", "supported_models", "model_map"};

template <std::size_t size>
bool has(const std::array<std::string_view, size>& list, std::string_view key) {
  return std::find(list.begin(), list.end(), key) != list.end();
}

// The canaries in values where keys belong, and in those where one may have been pasted.
struct Canaries {
  std::size_t in_secrets = 0, in_values = 0;
};

void look_into(const json::Value& value, bool is_secret, Canaries& canaries) {
  if (value.is_string()) {
    const std::size_t found = count(value.text, canary);
    canaries.in_values += found;
    canaries.in_secrets += is_secret ? found : 0;
  }
  for (const json::Member& member : value.members)
    if (!has(names, member.key)) look_into(member.value, has(secrets, member.key), canaries);
  for (const json::Value& item : value.items)
    look_into(item, is_secret, canaries);
}

void write_seconds(json::Writer& out, std::string_view name, std::chrono::milliseconds value) {
  out.key(name).raw(fmt::format("{}.{:03}", value.count() / 1000, value.count() % 1000));
}

void write_timeouts(json::Writer& out, const Timeouts& timeouts) {
  out.key("timeouts").begin_object();
  write_seconds(out, "connect", timeouts.connect);
  write_seconds(out, "first_output", timeouts.first_output);
  write_seconds(out, "idle", timeouts.idle);
  write_seconds(out, "total", timeouts.total);
  out.end_object();
}

void write_strings(json::Writer& out, std::string_view name, const std::vector<std::string>& list) {
  out.key(name).begin_array();
  for (const std::string& item : list)
    out.string(item);
  out.end_array();
}

void write_provider(json::Writer& out, const Provider& provider) {
  out.begin_object();
  out.key("name").string(provider.name).key("base_url").string(provider.base_url);
  out.key("api_key").string(provider.api_key.reveal()).key("weight").integer(provider.weight);
  write_strings(out, "supported_models", provider.supported_models);
  if (provider.timeouts) write_timeouts(out, *provider.timeouts);
  out.key("proxy").string(provider.proxy).key("enabled").boolean(provider.enabled);
  out.end_object();
}

void write_cooldown(json::Writer& out, const CooldownPolicy& policy) {
  out.key("cooldown").begin_object();
  write_seconds(out, "rate_limited", policy.rate_limited);
  write_seconds(out, "server_error", policy.server_error);
  write_seconds(out, "timeout", policy.timeout);
  write_seconds(out, "network_error", policy.network);
  write_seconds(out, "overloaded", policy.overloaded);
  write_seconds(out, "bad_answer", policy.bad_answer);
  out.key("honor_retry_after").boolean(policy.honor_retry_after).end_object();
  out.key("exponential_backoff").begin_object();
  out.key("base_multiplier").raw(fmt::format("{}", policy.multiplier));
  out.key("max_multiplier").raw(fmt::format("{}", policy.multiplier_max)).end_object();
}

std::string written(const Config& config) {
  json::Writer out;
  out.begin_object();
  out.key("max_retries").integer(config.max_retries);
  out.key("rewrite_response_model").boolean(config.rewrite_response_model);
  write_timeouts(out, config.timeouts);
  write_cooldown(out, config.cooldown);
  out.key("model_map").begin_object();
  for (const ModelMapping& mapping : config.model_map)
    write_strings(out, mapping.name, mapping.models);
  out.end_object().key("providers").begin_array();
  for (const Provider& provider : config.providers)
    write_provider(out, provider);
  out.end_array().end_object();
  return std::string(out.text());
}

bool has_fatal(const std::vector<ConfigProblem>& problems) {
  return std::any_of(problems.begin(), problems.end(), [](const auto& problem) { return problem.fatal; });
}

std::string lines_of(const std::vector<ConfigProblem>& problems) {
  std::string lines;
  for (const ConfigProblem& problem : problems)
    lines += to_string(problem) + "\n";
  return lines;
}

void check_problems(std::string_view file, const std::vector<ConfigProblem>& problems) {
  const int lines = 1 + static_cast<int>(std::count(file.begin(), file.end(), '\n'));
  std::pair last{0, 0};
  for (const ConfigProblem& problem : problems) {
    const std::string line = to_string(problem);
    fuzz::claim(!problem.message.empty() && text::printable(line) == line, "a problem is a printable line",
                line);
    if (problem.line == 0) continue;  // about the whole file
    const std::pair place{problem.line, problem.column};
    fuzz::claim(problem.line <= lines && problem.column >= 1, "a problem stands in the file", line);
    fuzz::claim(last <= place, "problems stand in the order of the file", line);
    last = place;
  }
}

void check_round_trip(const Config& config) {
  fuzz::claim(!has_fatal(check_config(config)), "what was loaded passes as made by a program",
              lines_of(check_config(config)));
  const bool is_written_whole = std::none_of(
      config.providers.begin(), config.providers.end(),
      [](const Provider& provider) { return config::names_a_source(provider.api_key.reveal()); });
  if (!is_written_whole) return;
  const std::string text = written(config);
  const Result<Config> again = parse_config(text);
  fuzz::claim(static_cast<bool>(again), "what was loaded can be loaded again",
              again ? "" : again.error().message + "\n" + text);
  fuzz::claim(written(*again) == text, "nothing is lost on the way", text + "\n" + written(*again));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view file = fuzz::text_of(data, size);
  const auto keys = airouterd::store::server_keys();
  const std::vector<ConfigProblem> problems = check_config(file, keys);
  check_problems(file, problems);
  const Result<Config> config = parse_config(file, keys);
  fuzz::claim(static_cast<bool>(config) != has_fatal(problems), "a config loads if nothing is wrong with it");
  const airouterd::store::ParsedFile parsed = airouterd::store::parse_file(file);
  check_problems(file, parsed.problems);
  fuzz::claim(!parsed.is_usable() || config, "the daemon uses nothing that the library refuses");
  fuzz::claim(parsed.is_usable() != has_fatal(parsed.problems), "a fatal problem is one");
  if (config) check_round_trip(*config);

  const json::Parsed tree = json::parse(file, {.comments = true});
  if (!tree.value) return 0;
  Canaries canaries;
  look_into(*tree.value, false, canaries);
  const std::size_t everywhere = count(file, canary);
  const auto shows = [](const auto& list) { return lines_of(list).find(canary) != std::string::npos; };
  if (canaries.in_values == everywhere) fuzz::claim(!shows(problems), "no text is shown", lines_of(problems));
  if (canaries.in_secrets == everywhere)
    fuzz::claim(!shows(parsed.problems), "no key is shown", lines_of(parsed.problems));
  return 0;
}
