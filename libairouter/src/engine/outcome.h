#pragma once

#include <span>
#include <string_view>

#include <airouter/events.h>
#include <airouter/transport.h>

#include "protocol/error_facts.h"
#include "routing/scope.h"

// What an attempt's end means: for health, for the call, and for the client. Pure.
namespace airouter::engine {

// Which entry of the CooldownPolicy says how long.
enum class Period { none, rate_limited, server_error, timeout, network, overloaded, bad_answer, until_reset };

enum class Then {
  fail_over,  // the next candidate may do better
  stop,       // it would do no better, or something was delivered already
};

// How an attempt can end badly; each has one row in the outcome table.
enum class Finding {
  unreachable,  // no DNS, no connection, no TLS, or a reset before a head
  connect_timed_out,
  no_output_in_time,
  key_refused,   // 401, 403
  quota_spent,   // 402, or an error that speaks of quota or money
  moderated,     // 403 because of what the prompt says
  rate_limited,  // 429
  model_missing,
  not_an_api,          // 404 from something that is no chat completion endpoint
  request_refused,     // any other 4xx
  refused_inside_5xx,  // a 5xx whose text blames the request
  server_error,        // any other 5xx
  overloaded,
  request_timed_out,  // 408
  redirect,           // never followed: the key would leak
  bad_answer,         // a success that is none
  no_output,          // a stream that ended without output
  sse_to_plain,       // an event stream that nobody asked for
  cut_after_output,
  stalled_after_output,
  error_after_output,
  cancelled,  // the client left, or the process shuts down
};

struct Outcome {
  Finding finding{};
  FailureKind kind{};
  routing::Scope scope{};
  Period period{};
  Then then{};
  int client_status = 0;  // 0: follows the provider's, see client_status()
  bool verbatim = false;  // the client sees the provider's own body
};

const Outcome& outcome_of(Finding finding) noexcept;
std::span<const Outcome> outcome_table() noexcept;

// The same verdict for an error that came after output was delivered: then nobody else can be asked any more.
Outcome after_output(const Outcome& outcome) noexcept;

// The status the client sees if nobody else can answer. `provider_status` is the provider's own, or, for an
// error inside a 200, the one its facts tell of.
int client_status(Finding finding, int provider_status) noexcept;

// A non-2xx answer, or a 2xx whose body is an error.
Finding find_in_answer(int status, const Headers& headers, std::string_view body);

// The same for an error that was read already: of an SSE event, or of a 2xx body.
Finding find_in_facts(int status, const protocol::ErrorFacts& facts);

// How far an answer had come when its transfer failed.
enum class Phase { before_head, before_output, after_output };

Finding find_in_transfer(TransferFailure failure, Phase phase = Phase::before_head) noexcept;

}  // namespace airouter::engine
