#include "store/statistics.h"

#include "support/catch.h"

using namespace airouter;
using airouterd::store::Statistics;

TEST_CASE("requests are counted once, by how they ended; attempts by provider and model", "[statistics]") {
  Statistics statistics;
  const auto attempt_with = [](FailureKind failure) {
    Attempt attempt;
    attempt.provider = "a";
    attempt.model = "m";
    attempt.failure = failure;
    attempt.detail = "slow down";
    return attempt;
  };
  const auto finish = [&](std::vector<Attempt> attempts, const Error* error) {
    CallSummary call;
    call.attempts = std::move(attempts);
    for (const Attempt& one : call.attempts)
      statistics.on_attempt(call, one);
    statistics.on_call_finished(call, error);
  };
  const Error failed{.code = ErrorCode::all_providers_failed}, left{.code = ErrorCode::cancelled};
  finish({attempt_with(FailureKind::none)}, nullptr);
  finish({attempt_with(FailureKind::rate_limited), attempt_with(FailureKind::none)}, nullptr);
  finish({attempt_with(FailureKind::timeout)}, &failed);
  finish({attempt_with(FailureKind::cancelled)}, &left);
  finish({}, &failed);
  finish({attempt_with(FailureKind::request_rejected)}, &failed);

  const auto counts = statistics.snapshot();
  CHECK(counts.requests.total == 6);
  CHECK(counts.requests.ok == 1);
  CHECK(counts.requests.rescued == 1);
  CHECK(counts.requests.failed == 3);
  CHECK(counts.requests.cancelled == 1);
  const auto& provider = counts.providers.at("a");
  CHECK(provider.total == 6);
  CHECK(provider.successful == 2);
  CHECK(provider.failed == 2);
  CHECK(provider.last_error == "timeout: slow down");
  CHECK(counts.models.at("a:m").total == 6);
}
