#include "engine/failure_report.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/json.h"
#include "base/limits.h"
#include "base/text.h"

namespace airouter::engine {
namespace {

// Shorter keys are no secrets but words, such as the "ollama" that local servers are given.
constexpr std::size_t secret_bytes_min = 8;

std::optional<std::chrono::milliseconds> cooldown_of(Period period, const CooldownPolicy& policy) {
  switch (period) {
    case Period::none:
      return std::chrono::milliseconds(0);
    case Period::rate_limited:
      return policy.rate_limited;
    case Period::server_error:
      return policy.server_error;
    case Period::timeout:
      return policy.timeout;
    case Period::network:
      return policy.network;
    case Period::overloaded:
      return policy.overloaded;
    case Period::bad_answer:
      return policy.bad_answer;
    case Period::until_reset:
      return std::nullopt;
  }
  return std::nullopt;
}

std::string without_key(std::string_view words, const Provider& provider) {
  const std::string& key = provider.api_key.reveal();
  return key.size() < secret_bytes_min ? std::string(words) : text::replaced(words, key, "***");
}

// Looks for a key in the decoded strings of a JSON text, where escapes can hide it.
class KeyFinder : public json::Handler {
 public:
  explicit KeyFinder(std::string_view key) : key_(key) {}
  bool on_string(std::string_view value, json::Span /*span*/) override { return look_into(value); }
  bool on_key(std::string_view name, json::Span /*span*/) override { return look_into(name); }
  bool has_found() const { return found_; }

 private:
  bool look_into(std::string_view words) {
    found_ = key_.size() >= secret_bytes_min && words.find(key_) != std::string_view::npos;
    return !found_;
  }

  const std::string_view key_;
  bool found_ = false;
};

// "429", or the kind in words where no status says it.
std::string outcome_text(const Attempt& attempt) {
  if (attempt.http_status >= 300) return std::to_string(attempt.http_status);
  return text::replaced(to_string(attempt.failure), "_", " ");
}

std::string list_of(const std::vector<Attempt>& attempts) {
  std::string list;
  for (const Attempt& attempt : attempts)
    list += fmt::format("{}{} {}", list.empty() ? "" : ", ", attempt.provider, outcome_text(attempt));
  return list;
}

std::string list_of(const std::vector<Skipped>& skipped) {
  std::string list;
  for (const Skipped& one : skipped) {
    if (one.reason == SkipReason::off || one.provider.empty()) continue;
    list += fmt::format("{}{} {}", list.empty() ? "" : ", ", one.provider,
                        text::replaced(to_string(one.reason), "_", " "));
    if (one.until.count() > 0) list += " " + text::duration(one.until);
  }
  return list;
}

std::string providers_of(int count) {
  return count == 1 ? "the only provider" : fmt::format("all {} providers", count);
}

// What a client is told to wait until `end`, clamped to what clients stand.
std::chrono::seconds shown_retry_after(std::optional<TimePoint> end, TimePoint now) {
  if (!end) return limits::retry_after_shown_max;
  return std::clamp(std::chrono::ceil<std::chrono::seconds>(*end - now), std::chrono::seconds(1),
                    limits::retry_after_shown_max);
}

// Which attempt the answer to the client speaks about: the last one, but "slow down" stands only where every
// provider that was tried says so, and "no such model" only where there is nothing else to say.
std::size_t deciding_attempt(const std::vector<Attempt>& attempts) {
  const auto last_of = [&](auto is_wanted) -> std::optional<std::size_t> {
    for (std::size_t i = attempts.size(); i-- > 0;)
      if (is_wanted(attempts[i].failure)) return i;
    return std::nullopt;
  };
  const auto strong = last_of([](FailureKind kind) {
    return kind != FailureKind::rate_limited && kind != FailureKind::model_not_found;
  });
  const auto limited = last_of([](FailureKind kind) { return kind == FailureKind::rate_limited; });
  return strong ? *strong : limited.value_or(attempts.size() - 1);
}

Error nobody_dialled(const FailedCall& call) {
  const std::string model = text::printable(call.summary.model);
  if (call.planner.is_empty() || call.standstill.all_missing) {
    return {.code = ErrorCode::unknown_model,
            .message = fmt::format(
                "no provider serves the model '{}'; GET /v1/models lists what can be asked for", model)};
  }
  const int candidates = call.planner.candidate_count();
  Error error{.code = ErrorCode::no_provider};
  error.message = fmt::format("{} for '{}' {} out: {}", providers_of(candidates), model,
                              candidates == 1 ? "is" : "are", list_of(call.summary.skipped));
  if (call.standstill.all_rate_limited) error.http_status = 429;
  error.retry_after = shown_retry_after(call.standstill.earliest, call.now);
  return error;
}

std::string message_of(const FailedCall& call) {
  const int candidates = call.planner.candidate_count();
  const std::vector<Attempt>& attempts = call.summary.attempts;
  const std::string model = text::printable(call.summary.model);
  if (static_cast<int>(attempts.size()) == candidates)
    return fmt::format("{} for '{}' failed: {}", providers_of(candidates), model, list_of(attempts));
  const std::string rest = list_of(call.summary.skipped);
  return fmt::format("{} of {} providers for '{}' tried and failed: {}{}{}", attempts.size(), candidates,
                     model, list_of(attempts), rest.empty() ? "" : "; not tried: ", rest);
}

}  // namespace

routing::Verdict verdict_of(const Outcome& outcome, const CooldownPolicy& policy,
                            std::optional<std::chrono::seconds> retry_after) {
  routing::Verdict verdict;
  verdict.scope = outcome.scope;
  verdict.trip.cause = outcome.kind;
  verdict.trip.cooldown = cooldown_of(outcome.period, policy);
  verdict.trip.multiplier = policy.multiplier;
  verdict.trip.multiplier_max = policy.multiplier_max;
  if (outcome.kind == FailureKind::rate_limited && policy.honor_retry_after && retry_after) {
    verdict.trip.cooldown = *retry_after;
    verdict.trip.by_retry_after = true;
  }
  return verdict;
}

std::string effect_of(const routing::Settlement& settlement) {
  if (settlement.scope == routing::Scope::nothing) return {};
  const char* what = settlement.scope == routing::Scope::provider ? "provider" : "model";
  if (settlement.is_disabled) return fmt::format("{} disabled until reset", what);
  if (settlement.left.count() == 0) return {};
  return fmt::format("{} cooling {}", what, text::duration(settlement.left));
}

std::string detail_of(std::string_view words, const Provider& provider) {
  // The key is taken out before anything is cut, so that no part of it is left over.
  const std::string_view start = words.substr(0, limits::error_body_bytes_max);
  return text::shortened(text::trim(text::printable(without_key(start, provider))), limits::detail_bytes_max);
}

std::string showable_body(std::string_view body, const Provider& provider) {
  std::string shown = without_key(body, provider);
  KeyFinder finder(provider.api_key.reveal());
  const bool is_json = text::trim(shown).starts_with('{') && !json::scan(shown, finder);
  return is_json && !finder.has_found() ? shown : std::string();
}

Headers headers_without_key(Headers headers, const Provider& provider) {
  const std::string& key = provider.api_key.reveal();
  std::erase_if(headers, [&](const auto& header) {
    return key.size() >= secret_bytes_min && header.second.find(key) != std::string::npos;
  });
  return headers;
}

Error error_of(const FailedCall& call) {
  const std::vector<Attempt>& attempts = call.summary.attempts;
  if (attempts.empty()) return nobody_dialled(call);
  const bool all_missing = call.standstill.all_missing;
  const Ending& ending = call.endings[deciding_attempt(attempts)];
  Error error{.code = all_missing ? ErrorCode::unknown_model : ErrorCode::all_providers_failed,
              .message = message_of(call)};
  // Where some do not have the model, and the others were not asked: they may have it.
  const bool is_open = ending.finding == Finding::model_missing && !all_missing;
  error.http_status = is_open ? 503 : client_status(ending.finding, ending.status);
  if (error.http_status == 429 || error.http_status == 503)
    error.retry_after = shown_retry_after(call.standstill.earliest, call.now);
  return error;
}

Error out_of_time(const CallSummary& call, bool after_output) {
  Error error{.code = after_output ? ErrorCode::stream_broken : ErrorCode::timeout,
              .message = "the call's total time ran out"};
  if (!call.attempts.empty()) error.message += "; tried: " + list_of(call.attempts);
  return error;
}

}  // namespace airouter::engine
