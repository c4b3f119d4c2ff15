#include "engine/outcome.h"

#include <array>

namespace airouter::engine {
namespace {

using enum FailureKind;
using routing::Scope;

constexpr int client_closed_request = 499;  // nginx's; for logs, since nobody reads the answer

// The policy, a row a finding, in the order of the enumeration.
// clang-format off
constexpr std::array table = {
    //      finding                        kind              cools            for                   then         client verbatim
    Outcome{Finding::unreachable,          network,          Scope::provider, Period::network,      Then::fail_over, 502, false},
    Outcome{Finding::connect_timed_out,    timeout,          Scope::provider, Period::timeout,      Then::fail_over, 504, false},
    Outcome{Finding::no_output_in_time,    timeout,          Scope::provider, Period::timeout,      Then::fail_over, 504, false},
    Outcome{Finding::key_refused,          auth,             Scope::provider, Period::until_reset,  Then::fail_over, 503, false},
    Outcome{Finding::quota_spent,          quota,            Scope::provider, Period::until_reset,  Then::fail_over, 503, false},
    Outcome{Finding::moderated,            request_rejected, Scope::nothing,  Period::none,         Then::stop,        0, true},
    Outcome{Finding::rate_limited,         rate_limited,     Scope::model,    Period::rate_limited, Then::fail_over, 429, false},
    Outcome{Finding::model_missing,        model_not_found,  Scope::model,    Period::until_reset,  Then::fail_over, 404, false},
    Outcome{Finding::not_an_api,           bad_answer,       Scope::model,    Period::bad_answer,   Then::fail_over, 502, false},
    Outcome{Finding::request_refused,      request_rejected, Scope::nothing,  Period::none,         Then::stop,        0, true},
    Outcome{Finding::refused_inside_5xx,   request_rejected, Scope::nothing,  Period::none,         Then::stop,      400, true},
    Outcome{Finding::server_error,         server_error,     Scope::model,    Period::server_error, Then::fail_over,   0, false},
    Outcome{Finding::overloaded,           overloaded,       Scope::model,    Period::overloaded,   Then::fail_over, 503, false},
    Outcome{Finding::request_timed_out,    timeout,          Scope::model,    Period::timeout,      Then::fail_over, 504, false},
    Outcome{Finding::redirect,             network,          Scope::provider, Period::network,      Then::fail_over, 502, false},
    Outcome{Finding::bad_answer,           bad_answer,       Scope::model,    Period::bad_answer,   Then::fail_over, 502, false},
    Outcome{Finding::no_output,            bad_answer,       Scope::model,    Period::bad_answer,   Then::fail_over, 502, false},
    Outcome{Finding::sse_to_plain,         bad_answer,       Scope::model,    Period::bad_answer,   Then::fail_over, 502, false},
    Outcome{Finding::cut_after_output,     network,          Scope::model,    Period::network,      Then::stop,      502, false},
    Outcome{Finding::stalled_after_output, timeout,          Scope::model,    Period::timeout,      Then::stop,      504, false},
    Outcome{Finding::error_after_output,   server_error,     Scope::model,    Period::server_error, Then::stop,      502, false},
    Outcome{Finding::cancelled,            cancelled,        Scope::nothing,  Period::none,         Then::stop,      client_closed_request, false},
};
// clang-format on

constexpr bool is_in_order() {
  for (std::size_t i = 0; i < table.size(); ++i)
    if (table[i].finding != static_cast<Finding>(i)) return false;
  return table.back().finding == Finding::cancelled;
}
static_assert(is_in_order(), "outcome_of() looks rows up by their number");

}  // namespace

const Outcome& outcome_of(Finding finding) noexcept {
  return table[static_cast<std::size_t>(finding)];
}

std::span<const Outcome> outcome_table() noexcept {
  return table;
}

Outcome after_output(const Outcome& outcome) noexcept {
  Outcome after = outcome;
  after.then = Then::stop;
  return after;
}

int client_status(Finding finding, int provider_status) noexcept {
  const Outcome& outcome = outcome_of(finding);
  if (outcome.client_status != 0) return outcome.client_status;
  if (outcome.verbatim) return provider_status >= 400 && provider_status <= 499 ? provider_status : 400;
  return provider_status == 503 || provider_status == 504 ? provider_status : 502;
}

Finding find_in_transfer(TransferFailure failure, Phase phase) noexcept {
  if (phase == Phase::after_output) return Finding::cut_after_output;
  switch (failure) {
    case TransferFailure::resolve:
    case TransferFailure::connect:
    case TransferFailure::tls:
      return Finding::unreachable;
    case TransferFailure::connect_timeout:
      return Finding::connect_timed_out;
    case TransferFailure::reset:
      return phase == Phase::before_head ? Finding::unreachable : Finding::bad_answer;
    case TransferFailure::none:
    case TransferFailure::short_body:
    case TransferFailure::too_large:
    case TransferFailure::malformed:
    case TransferFailure::no_resources:  // never blamed on a provider
      break;
  }
  return Finding::bad_answer;
}

}  // namespace airouter::engine
