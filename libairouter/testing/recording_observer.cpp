#include <fmt/format.h>

#include <airouter/call.h>
#include <airouter/testing.h>

namespace airouter::testing {
namespace {

std::string outcome_of(const Attempt& attempt) {
  if (attempt.http_status != 0 && (attempt.failure == FailureKind::none || attempt.http_status >= 300))
    return std::to_string(attempt.http_status);
  return std::string(to_string(attempt.failure));
}

std::string to_text(const Attempt& attempt) {
  return fmt::format("try {}/{} -> {}{}{}{}", attempt.provider, attempt.model, outcome_of(attempt),
                     attempt.effect.empty() ? "" : ", " + attempt.effect, attempt.probe ? " (probe)" : "",
                     attempt.last_resort ? " (last resort)" : "");
}

}  // namespace

std::string to_text(const CallSummary& call) {
  std::string text;
  for (const Attempt& attempt : call.attempts)
    text += (text.empty() ? "" : "; ") + to_text(attempt);
  for (const Skipped& skipped : call.skipped)
    text += fmt::format("{}skip {}{}{} {}", text.empty() ? "" : "; ", skipped.provider,
                        skipped.model.empty() ? "" : "/", skipped.model, to_string(skipped.reason));
  return text;
}

void RecordingObserver::add(std::string line) noexcept {
  const std::scoped_lock lock(mutex_);
  lines_.push_back(std::move(line));
}

void RecordingObserver::on_call_started(const CallSummary& call) noexcept {
  add("started " + call.model);
}

void RecordingObserver::on_attempt(const CallSummary& /*call*/, const Attempt& attempt) noexcept {
  add(to_text(attempt));
}

void RecordingObserver::on_call_finished(const CallSummary& /*call*/, const Error* error) noexcept {
  add(error == nullptr ? "answered" : "failed: " + error->message);
}

void RecordingObserver::on_health(const HealthEvent& event) noexcept {
  add(fmt::format("{}{}{}: {} -> {}", event.provider, event.model.empty() ? "" : "/", event.model,
                  airouter::to_string(event.from), airouter::to_string(event.to)));
}

std::vector<std::string> RecordingObserver::lines() const {
  const std::scoped_lock lock(mutex_);
  return lines_;
}

}  // namespace airouter::testing
