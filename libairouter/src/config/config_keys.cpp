#include "config/config_keys.h"

#include <string>
#include <string_view>
#include <utility>

#include "config/config_rules.h"
#include "config/key_source.h"
#include "config/value_rules.h"

// Every key that the library owns: one row, with how it is read and which rule holds for it. Unknown keys are
// found by the same tables.
namespace airouter::config {
namespace {

template <class Member>
struct MemberTraits;
template <class Value, class Class>
struct MemberTraits<Value Class::*> {
  using Object = Class;
};
template <auto member>
using ObjectOf = typename MemberTraits<decltype(member)>::Object;
template <auto member>
using Rule = void (*)(Findings&, const ObjectOf<member>&);

// A rule for the range alone, as configs made by programs need it too.
template <auto member, auto range>
void check_range(Findings& findings, const ObjectOf<member>& object) {
  if (!is_in(object.*member, range)) findings.fatal(mismatch(shown(object.*member), allowed(range)));
}

template <auto member, SecondsRange range>
constexpr Key<ObjectOf<member>> seconds(std::string_view name) {
  return {name,
          [](Reader& reader, const json::Value& value, ObjectOf<member>& object) {
            object.*member = reader.seconds(value, range).value_or(object.*member);
          },
          check_range<member, range>};
}

template <auto member, WholeRange range>
constexpr Key<ObjectOf<member>> whole(std::string_view name) {
  return {name,
          [](Reader& reader, const json::Value& value, ObjectOf<member>& object) {
            object.*member = reader.whole(value, range).value_or(object.*member);
          },
          check_range<member, range>};
}

template <auto member, FactorRange range>
constexpr Key<ObjectOf<member>> factor(std::string_view name) {
  return {name,
          [](Reader& reader, const json::Value& value, ObjectOf<member>& object) {
            object.*member = reader.factor(value, range).value_or(object.*member);
          },
          check_range<member, range>};
}

template <auto member>
constexpr Key<ObjectOf<member>> boolean(std::string_view name) {
  return {name, [](Reader& reader, const json::Value& value, ObjectOf<member>& object) {
            object.*member = reader.boolean(value).value_or(object.*member);
          }};
}

template <auto member>
constexpr Key<ObjectOf<member>> string(std::string_view name, Rule<member> rule) {
  return {name,
          [](Reader& reader, const json::Value& value, ObjectOf<member>& object) {
            object.*member = reader.string(value).value_or(object.*member);
          },
          rule};
}

template <auto member>
constexpr Key<ObjectOf<member>> strings(std::string_view name, Rule<member> rule) {
  return {name,
          [](Reader& reader, const json::Value& value, ObjectOf<member>& object) {
            object.*member = reader.strings(value);
          },
          rule};
}

constexpr Key<Timeouts> timeouts_keys[] = {
    seconds<&Timeouts::connect, timeout_range>("connect"),
    seconds<&Timeouts::first_output, timeout_range>("first_output"),
    seconds<&Timeouts::idle, timeout_range>("idle"),
    seconds<&Timeouts::total, timeout_range>("total"),
};

constexpr Key<CooldownPolicy> cooldown_keys[] = {
    seconds<&CooldownPolicy::rate_limited, cooldown_range>("rate_limited"),
    seconds<&CooldownPolicy::server_error, cooldown_range>("server_error"),
    seconds<&CooldownPolicy::timeout, cooldown_range>("timeout"),
    seconds<&CooldownPolicy::network, cooldown_range>("network_error"),
    seconds<&CooldownPolicy::overloaded, cooldown_range>("overloaded"),
    seconds<&CooldownPolicy::bad_answer, cooldown_range>("bad_answer"),
    boolean<&CooldownPolicy::honor_retry_after>("honor_retry_after"),
};

void check_base_multiplier(Findings& findings, const CooldownPolicy& policy) {
  check_range<&CooldownPolicy::multiplier, multiplier_range>(findings, policy);
  check_growth(findings, policy);
}

constexpr Key<CooldownPolicy> backoff_keys[] = {
    {"base_multiplier", factor<&CooldownPolicy::multiplier, multiplier_range>("").read,
     check_base_multiplier},
    factor<&CooldownPolicy::multiplier_max, multiplier_max_range>("max_multiplier"),
};

// One number for both clocks that run while a provider says nothing.
void read_silence(Reader& reader, const json::Value& value, Timeouts& timeouts) {
  const auto time = reader.seconds(value, timeout_range);
  timeouts.first_output = time.value_or(timeouts.first_output);
  timeouts.idle = time.value_or(timeouts.idle);
}

void read_provider_timeouts(Reader& reader, const json::Value& value, Provider& provider) {
  reader.object<Timeouts>(value, timeouts_keys, *provider.timeouts);
}

void check_provider_timeouts(Findings& findings, const Provider& provider) {
  if (provider.timeouts) check_object<Timeouts>(findings, timeouts_keys, *provider.timeouts);
}

void read_provider_timeout(Reader& reader, const json::Value& value, Provider& provider) {
  read_silence(reader, value, *provider.timeouts);
}

void read_protocol(Reader& reader, const json::Value& value, Provider&) {
  if (!value.is_string() || value.text != "openai")
    reader.findings().fatal(mismatch(value.is_string() ? "another text" : "no text", "\"openai\""));
}

// Stands below `enabled`: a provider that is off needs no key yet.
void read_key(Reader& reader, const json::Value& value, Provider& provider) {
  if (!value.is_string()) {
    reader.findings().fatal(mismatch("no text", allowed_key));
    return;
  }
  ResolvedKey resolved = resolve_key(value.text);
  provider.api_key = std::move(resolved.key);
  if (!resolved.malformed.empty())
    reader.findings().fatal(mismatch(resolved.malformed, "the key, \"env:NAME\" or \"file:PATH\""));
  else if (!resolved.missing.empty() && provider.enabled)
    reader.findings().fatal(std::move(resolved.missing));
  else if (!resolved.missing.empty())
    reader.findings().warn(std::move(resolved.missing));
}

constexpr Key<Provider> provider_keys[] = {
    string<&Provider::name>("name", check_name),
    string<&Provider::base_url>("base_url", check_base_url),
    boolean<&Provider::enabled>("enabled"),
    {"api_key", read_key, check_key},
    whole<&Provider::weight, weight_range>("weight"),
    {"timeouts", read_provider_timeouts, check_provider_timeouts},
    {"timeout", read_provider_timeout},
    strings<&Provider::supported_models>("supported_models", check_supported_models),
    string<&Provider::proxy>("proxy", check_proxy),
    {"protocol", read_protocol},
};

bool has(const json::Value& object, std::string_view key) {
  const json::Value* member = object.find(key);
  return member != nullptr && member->kind != json::Kind::null;
}

// A provider's `timeout` wins over its own `timeouts`, too.
void warn_of_shadowed(Reader& reader, const json::Value& provider) {
  if (!has(provider, "timeout") || !has(provider, "timeouts")) return;
  const auto object = reader.findings().enter("timeouts");
  for (const std::string_view name : {"first_output", "idle"}) {
    const auto field = reader.findings().enter(name);
    if (has(*provider.find("timeouts"), name))
      reader.findings().warn("has no effect; timeout beside it sets this one");
  }
}

// An item of another type becomes a provider without anything, so that every index stays the file's.
void read_providers(Reader& reader, const json::Value& list, Config& config) {
  if (!reader.is_list(list)) return;
  for (const json::Value& item : list.items) {
    const auto step = reader.findings().enter(config.providers.size());
    Provider& provider = config.providers.emplace_back();
    provider.timeouts = config.timeouts;
    reader.object<Provider>(item, provider_keys, provider);
    warn_of_shadowed(reader, item);
    if (!has(item, "timeout") && !has(item, "timeouts")) provider.timeouts.reset();
  }
}

void check_providers(Findings& findings, const Config& config) {
  for (std::size_t i = 0; i < config.providers.size(); ++i) {
    const auto step = findings.enter(i);
    check_object<Provider>(findings, provider_keys, config.providers[i]);
  }
  check_unique_names(findings, config);
}

void read_model_map(Reader& reader, const json::Value& map, Config& config) {
  if (!reader.is_object(map)) return;
  for (const json::Member& member : map.members) {
    if (member.value.kind == json::Kind::null) continue;
    const auto step = reader.findings().enter(member.key);
    ModelMapping& mapping = config.model_map.emplace_back();
    mapping.name = member.key;
    if (member.value.is_string())
      mapping.models = {member.value.text};
    else
      mapping.models = reader.strings(member.value);
  }
}

constexpr Key<Config> root_keys[] = {
    whole<&Config::max_retries, attempts_range>("max_retries"),
    {"request_timeout", [](Reader& reader, const json::Value& value,
                           Config& config) { read_silence(reader, value, config.timeouts); }},
    {"timeouts",
     [](Reader& reader, const json::Value& value, Config& config) {
       reader.object<Timeouts>(value, timeouts_keys, config.timeouts);
     },
     [](Findings& findings, const Config& config) {
       check_object<Timeouts>(findings, timeouts_keys, config.timeouts);
     }},
    {"cooldown",
     [](Reader& reader, const json::Value& value, Config& config) {
       reader.object<CooldownPolicy>(value, cooldown_keys, config.cooldown);
     },
     [](Findings& findings, const Config& config) {
       check_object<CooldownPolicy>(findings, cooldown_keys, config.cooldown);
     }},
    {"exponential_backoff",
     [](Reader& reader, const json::Value& value, Config& config) {
       reader.object<CooldownPolicy>(value, backoff_keys, config.cooldown);
     },
     [](Findings& findings, const Config& config) {
       check_object<CooldownPolicy>(findings, backoff_keys, config.cooldown);
     }},
    boolean<&Config::rewrite_response_model>("rewrite_response_model"),
    {"model_map", read_model_map, check_model_map},
    {"providers", read_providers, check_providers},
};

}  // namespace

std::span<const Key<Config>> config_keys() noexcept {
  return root_keys;
}

}  // namespace airouter::config
