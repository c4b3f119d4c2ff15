#include "engine/failure_report.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/limits.h"
#include "base/text.h"

namespace airouter::engine {
namespace {

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

// Which attempt the answer to the client speaks about: the last one, but "slow down" and "no such model"
// stand only where every provider says so.
std::size_t deciding_attempt(const std::vector<Attempt>& attempts) {
  const auto is_weak = [](FailureKind kind) {
    return kind == FailureKind::rate_limited || kind == FailureKind::model_not_found;
  };
  const auto is_same = [&](const Attempt& attempt) { return attempt.failure == attempts.back().failure; };
  const std::size_t last = attempts.size() - 1;
  if (std::all_of(attempts.begin(), attempts.end(), is_same)) return last;
  for (std::size_t i = attempts.size(); i-- > 0;)
    if (!is_weak(attempts[i].failure)) return i;
  // Some do not have the model, the others are busy: it is there, but not now.
  for (std::size_t i = attempts.size(); i-- > 0;)
    if (attempts[i].failure == FailureKind::rate_limited) return i;
  return last;
}

Error nobody_dialled(const FailedCall& call) {
  const std::string& model = call.summary.model;
  if (call.planner.is_empty()) {
    return {.code = ErrorCode::unknown_model,
            .message =
                fmt::format("no provider serves the model '{}'; GET /v1/models lists what can be asked for",
                            text::printable(model))};
  }
  Error error{.code = ErrorCode::no_provider};
  error.message = fmt::format("{} for '{}' {} out: {}", providers_of(call.planner.candidate_count()),
                              text::printable(model), call.planner.candidate_count() == 1 ? "is" : "are",
                              list_of(call.summary.skipped));
  if (call.standstill.all_rate_limited) error.http_status = 429;
  error.retry_after = shown_retry_after(call.standstill.earliest, call.now);
  return error;
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

std::string effect_of(const routing::Verdict& verdict) {
  if (verdict.scope == routing::Scope::nothing) return {};
  const char* what = verdict.scope == routing::Scope::provider ? "provider" : "model";
  if (!verdict.trip.cooldown) return fmt::format("{} disabled until reset", what);
  return fmt::format("{} cooling {}", what, text::duration(*verdict.trip.cooldown));
}

std::string detail_of(std::string_view words, const Provider& provider) {
  // The key is taken out before anything is cut, so that no part of it is left over.
  const std::string_view start = words.substr(0, limits::error_body_bytes_max);
  return text::shortened(text::trim(text::printable(without_key(std::string(start), provider))),
                         limits::detail_bytes_max);
}

std::string without_key(std::string body, const Provider& provider) {
  const std::string& key = provider.api_key.reveal();
  if (key.empty() || body.find(key) == std::string::npos) return body;
  return text::replaced(body, key, "***");
}

std::chrono::seconds shown_retry_after(std::optional<TimePoint> end, TimePoint now) {
  if (!end) return limits::retry_after_shown_max;
  return std::clamp(std::chrono::ceil<std::chrono::seconds>(*end - now), std::chrono::seconds(1),
                    limits::retry_after_shown_max);
}

Error error_of(const FailedCall& call) {
  const std::vector<Attempt>& attempts = call.summary.attempts;
  if (attempts.empty()) return nobody_dialled(call);
  const std::size_t deciding = deciding_attempt(attempts);
  const bool is_missing = attempts[deciding].failure == FailureKind::model_not_found;
  Error error{.code = is_missing ? ErrorCode::unknown_model : ErrorCode::all_providers_failed};
  const int candidates = call.planner.candidate_count();
  const std::string model = text::printable(call.summary.model);
  if (static_cast<int>(attempts.size()) == candidates) {
    error.message = fmt::format("{} for '{}' failed: {}", providers_of(candidates), model, list_of(attempts));
  } else {
    error.message = fmt::format("{} of {} providers for '{}' tried and failed: {}", attempts.size(),
                                candidates, model, list_of(attempts));
    if (const std::string rest = list_of(call.summary.skipped); !rest.empty())
      error.message += "; not tried: " + rest;
  }
  error.http_status = client_status(call.findings[deciding], attempts[deciding].http_status);
  if (error.http_status == 429 || error.http_status == 503)
    error.retry_after = shown_retry_after(call.standstill.earliest, call.now);
  return error;
}

}  // namespace airouter::engine
