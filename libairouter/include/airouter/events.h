#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include <airouter/export.h>
#include <airouter/result.h>

namespace airouter {

struct Attempt;
struct CallSummary;

// What was wrong with an attempt, in the words of logs, statistics and the panel.
enum class FailureKind {
  none,              // nothing: this one answered
  rate_limited,      // 429
  quota,             // the account has no money or quota left
  auth,              // the provider's key is refused
  model_not_found,   // the provider does not have this model
  request_rejected,  // the request itself is at fault; no other provider is asked
  server_error,      // 5xx
  overloaded,        // the provider says that it is too busy
  bad_answer,        // a success that is none: HTML, broken JSON, nothing at all
  timeout,           // no output in time
  network,           // could not be reached, or the connection broke
  cancelled,         // the caller left
};

enum class HealthState { healthy, cooling, probing, disabled };

enum class SkipReason {
  off,            // "enabled": false
  disabled,       // out until a reset: its key, account or model was refused
  cooling,        // a recent failure
  probing,        // one request is finding out whether it is back
  already_tried,  // in this very call
  retry_budget,   // too many calls are on their third attempt or later
};

// The enumerator's own name, e.g. "rate_limited".
AIROUTER_EXPORT std::string_view to_string(FailureKind kind) noexcept;
AIROUTER_EXPORT std::string_view to_string(HealthState state) noexcept;
AIROUTER_EXPORT std::string_view to_string(SkipReason reason) noexcept;

// What a provider says a call cost. Absent is not zero: always carried as optional<Usage>.
struct Usage {
  std::int64_t input_tokens = 0, output_tokens = 0;
};

struct HealthEvent {
  std::string provider{}, model{};  // empty model: the whole provider
  HealthState from{}, to{};
  FailureKind cause{};
  std::chrono::milliseconds lasts{};  // of a cooldown
};

// How logs, metrics and live views learn what happens. Called without a lock held, on the thread that did the
// work, possibly on several at once: must be fast, thread-safe, and must not call back into a call in
// progress.
class AIROUTER_EXPORT Observer {
 public:
  virtual ~Observer() = default;
  virtual void on_call_started(const CallSummary& /*call*/) noexcept {}
  virtual void on_attempt(const CallSummary& /*call*/, const Attempt& /*attempt*/) noexcept {}  // at its end
  virtual void on_call_finished(const CallSummary& /*call*/, const Error* /*error*/) noexcept {
  }  // null: answered
  virtual void on_health(const HealthEvent& /*event*/) noexcept {}
};

}  // namespace airouter
