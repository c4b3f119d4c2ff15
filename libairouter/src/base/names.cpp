// The names of the public enumerations, as logs, statistics and the panel spell them.
#include <airouter/events.h>

namespace airouter {

std::string_view to_string(FailureKind kind) noexcept {
  switch (kind) {
    case FailureKind::none:
      return "none";
    case FailureKind::rate_limited:
      return "rate_limited";
    case FailureKind::quota:
      return "quota";
    case FailureKind::auth:
      return "auth";
    case FailureKind::model_not_found:
      return "model_not_found";
    case FailureKind::request_rejected:
      return "request_rejected";
    case FailureKind::server_error:
      return "server_error";
    case FailureKind::overloaded:
      return "overloaded";
    case FailureKind::bad_answer:
      return "bad_answer";
    case FailureKind::timeout:
      return "timeout";
    case FailureKind::network:
      return "network";
    case FailureKind::cancelled:
      return "cancelled";
  }
  return "unknown";
}

std::string_view to_string(HealthState state) noexcept {
  switch (state) {
    case HealthState::healthy:
      return "healthy";
    case HealthState::cooling:
      return "cooling";
    case HealthState::probing:
      return "probing";
    case HealthState::disabled:
      return "disabled";
  }
  return "unknown";
}

std::string_view to_string(SkipReason reason) noexcept {
  switch (reason) {
    case SkipReason::off:
      return "off";
    case SkipReason::disabled:
      return "disabled";
    case SkipReason::cooling:
      return "cooling";
    case SkipReason::probing:
      return "probing";
    case SkipReason::already_tried:
      return "already_tried";
    case SkipReason::retry_budget:
      return "retry_budget";
  }
  return "unknown";
}

}  // namespace airouter
