#include "config/config_rules.h"

#include <algorithm>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include <fmt/format.h>

#include "base/text.h"
#include "config/base_url.h"
#include "config/value_rules.h"

namespace airouter::config {
namespace {

constexpr std::size_t models_listed_max = 5;
constexpr std::size_t model_shown_bytes_max = 60;

void report(Findings& findings, std::string_view problem, std::string_view allowed) {
  if (!problem.empty()) findings.fatal(mismatch(problem, allowed));
}

// What enabled providers support; lookups of exact names take no search.
class SupportedModels {
 public:
  explicit SupportedModels(const Config& config) {
    for (const Provider& provider : config.providers) {
      if (!provider.enabled) continue;
      for (const std::string& model : provider.supported_models)
        if (model.find('*') == std::string::npos)
          names_.insert(model);
        else
          patterns_.insert(model);
    }
  }

  bool has(std::string_view model) const {
    return names_.count(model) != 0 ||
           std::any_of(patterns_.begin(), patterns_.end(),
                       [&](std::string_view pattern) { return text::matches_wildcard(pattern, model); });
  }

 private:
  // constant after construction; borrowed from the config
  std::unordered_set<std::string_view> names_{}, patterns_{};
};

// False: a finding.
bool check_models(Findings& findings, const std::vector<std::string>& models) {
  bool fine = true;
  for (std::size_t i = 0; i < models.size(); ++i) {
    const auto step = findings.enter(i);
    const std::string_view problem = model_problem(models[i]);
    report(findings, problem, allowed_model);
    fine &= problem.empty();
  }
  return fine;
}

void warn_of_unsupported(Findings& findings, const ModelMapping& mapping, const SupportedModels& supported) {
  std::string list;
  std::size_t count = 0;
  for (const std::string& model : mapping.models) {
    if (supported.has(model) || ++count > models_listed_max) continue;
    if (!list.empty()) list += ", ";
    list += text::shortened(text::printable(model), model_shown_bytes_max);
  }
  if (count == 0) return;
  if (count > models_listed_max) list += fmt::format(" and {} more", count - models_listed_max);
  const bool all = count == mapping.models.size();
  findings.warn("no enabled provider supports " + list + (all ? ", so nobody can answer this name" : ""));
}

}  // namespace

void check_name(Findings& findings, const Provider& provider) {
  report(findings, name_problem(provider.name), allowed_name);
}

void check_base_url(Findings& findings, const Provider& provider) {
  const SplitUrl split = split_base_url(provider.base_url);
  if (!split.url)
    report(findings, provider.base_url.empty() ? "nothing" : split.problem, allowed_base_url);
  else if (split.url->prefix.ends_with("/chat/completions"))
    findings.warn("ends in /chat/completions, which requests add to it once more");
}

void check_key(Findings& findings, const Provider& provider) {
  const Secret& key = provider.api_key;
  report(findings, key_problem(key.reveal()), allowed_key);
  if (!key.empty() || !provider.enabled) return;
  if (key.masked().empty())
    findings.warn("found nothing; requests go without an Authorization header");
  else
    findings.fatal("what it names holds no key");
}

void check_proxy(Findings& findings, const Provider& provider) {
  report(findings, proxy_problem(provider.proxy), allowed_proxy);
}

void check_supported_models(Findings& findings, const Provider& provider) {
  check_models(findings, provider.supported_models);
  if (provider.supported_models.empty() && provider.enabled)
    findings.warn("found no model; this provider is never chosen");
}

void check_unique_names(Findings& findings, const Config& config) {
  std::unordered_map<std::string_view, std::size_t> first;
  for (std::size_t i = 0; i < config.providers.size(); ++i) {
    const std::string& name = config.providers[i].name;
    const auto [place, is_new] = first.emplace(name, i);
    if (is_new || name.empty()) continue;
    const auto item = findings.enter(i);
    const auto field = findings.enter("name");
    findings.fatal(
        fmt::format("found the name of /providers/{} again; allowed is a name of its own", place->second));
  }
}

void check_model_map(Findings& findings, const Config& config) {
  const SupportedModels supported(config);
  std::unordered_set<std::string_view> names;
  for (const ModelMapping& mapping : config.model_map) {
    const auto step = findings.enter(mapping.name);
    const std::string_view problem = model_problem(mapping.name);
    if (!problem.empty()) findings.fatal("the name: " + mismatch(problem, allowed_model));
    if (!names.insert(mapping.name).second) findings.fatal("found this name a second time; allowed is once");
    if (mapping.models.empty()) findings.fatal(mismatch("no model", "at least one"));
    if (check_models(findings, mapping.models) && !config.providers.empty())
      warn_of_unsupported(findings, mapping, supported);
  }
}

void check_growth(Findings& findings, const CooldownPolicy& policy) {
  if (policy.multiplier > policy.multiplier_max)
    findings.warn(fmt::format("found {}; max_multiplier, which is {}, keeps it from having its effect",
                              shown(policy.multiplier), shown(policy.multiplier_max)));
}

}  // namespace airouter::config
