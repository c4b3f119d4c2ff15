#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <airouter/call.h>
#include <airouter/config.h>

#include "engine/outcome.h"
#include "routing/planner.h"

// Words and statuses for calls and attempts that failed. Pure.
namespace airouter::engine {

// What a finding means for health, by this config's cooldowns. `retry_after` is the provider's own wish.
routing::Verdict verdict_of(const Outcome& outcome, const CooldownPolicy& policy,
                            std::optional<std::chrono::seconds> retry_after);

// "model cooling 60 s", "provider disabled until reset"; empty if nothing cools.
std::string effect_of(const routing::Verdict& verdict);

// The provider's words, fit for a log line: one line, valid UTF-8, shortened, without its key.
std::string detail_of(std::string_view words, const Provider& provider);

// A whole error body, without the provider's key.
std::string without_key(std::string body, const Provider& provider);

// Why a call without an answer failed: nobody serves the model, everybody is out, or everybody tried failed.
struct FailedCall {
  const CallSummary& summary;
  const std::vector<Finding>& findings;  // one per attempt
  const routing::Planner& planner;
  const routing::Planner::Standstill& standstill;
  TimePoint now{};
};
Error error_of(const FailedCall& call);

// What a client is told to wait until `end`, clamped to what clients stand.
std::chrono::seconds shown_retry_after(std::optional<TimePoint> end, TimePoint now);

}  // namespace airouter::engine
