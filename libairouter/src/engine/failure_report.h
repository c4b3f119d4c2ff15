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

// "model cooling 60 s", "provider disabled until reset"; empty if nothing is out because of it.
std::string effect_of(const routing::Settlement& settlement);

// The provider's words, fit for a log line: one line, valid UTF-8, shortened, without its key.
std::string detail_of(std::string_view words, const Provider& provider);

// A provider's own error body, as it may be shown to clients, without the provider's key. Empty if it is no
// JSON object, which client libraries could not read, or if the key stands in it in a disguise that cannot be
// cut out.
std::string showable_body(std::string_view body, const Provider& provider);

// How an attempt ended: what was found, and the status that says so, be it in the head or, within a 200, in
// the body.
struct Ending {
  Finding finding{};
  int status = 0;
};

// Why a call without an answer failed: nobody serves the model, everybody is out, or everybody tried failed.
struct FailedCall {
  const CallSummary& summary;
  const std::vector<Ending>& endings;  // one per attempt
  const routing::Planner& planner;
  const routing::Planner::Standstill& standstill;
  TimePoint now{};
};
Error error_of(const FailedCall& call);

// The call's own time is over, before or after output was delivered.
Error out_of_time(const CallSummary& call, bool after_output);

}  // namespace airouter::engine
