#include "store/statistics.h"

#include <fmt/format.h>

namespace airouterd::store {
namespace {

using airouter::FailureKind;

// Client-chosen names reach providers that serve `*`; beyond this many, only the provider is counted.
constexpr std::size_t models_max = 4096;

void count(Statistics::Attempts& counts, const airouter::Attempt& attempt) {
  ++counts.total;
  if (attempt.failure == FailureKind::none) {
    ++counts.successful;
  } else if (attempt.failure != FailureKind::cancelled && attempt.failure != FailureKind::request_rejected) {
    ++counts.failed;
    counts.last_error = fmt::format("{}{}{}", airouter::to_string(attempt.failure),
                                    attempt.detail.empty() ? "" : ": ", attempt.detail);
  }
}

}  // namespace

Statistics::Snapshot Statistics::snapshot() const {
  const std::scoped_lock lock(mutex_);
  return counts_;
}

void Statistics::on_attempt(const airouter::CallSummary& /*call*/,
                            const airouter::Attempt& attempt) noexcept {
  const std::scoped_lock lock(mutex_);
  count(counts_.providers[attempt.provider], attempt);
  const std::string name = attempt.provider + ":" + attempt.model;
  if (counts_.models.size() < models_max || counts_.models.contains(name))
    count(counts_.models[name], attempt);
}

void Statistics::on_call_finished(const airouter::CallSummary& call, const airouter::Error* error) noexcept {
  const std::scoped_lock lock(mutex_);
  Requests& requests = counts_.requests;
  ++requests.total;
  if (error == nullptr) {
    ++(call.attempts.size() > 1 ? requests.rescued : requests.ok);
  } else {
    ++(error->code == airouter::ErrorCode::cancelled ? requests.cancelled : requests.failed);
  }
}

}  // namespace airouterd::store
