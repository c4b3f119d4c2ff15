#include "demo/picture.h"

#include <algorithm>

#include <fmt/format.h>

namespace airouterd::demo {
namespace {

constexpr int axis_columns = 32;

int column_of(std::chrono::microseconds time, std::chrono::microseconds whole) {
  if (whole.count() <= 0) return 0;
  return static_cast<int>(
      std::clamp<std::int64_t>(time.count() * axis_columns / whole.count(), 0, axis_columns));
}

std::string repeated(std::string_view text, int count) {
  std::string out;
  for (int i = 0; i < count; ++i)
    out += text;
  return out;
}

// Light while nothing came, full from the first output on; never invisible.
std::string bar_of(const airouter::Attempt& attempt, std::chrono::microseconds whole) {
  const bool has_output = attempt.first_output.count() > 0;
  const int begin = std::min(column_of(attempt.started, whole), axis_columns - 1);
  const int end = std::max(column_of(attempt.started + attempt.total, whole), begin + 1);
  const int output =
      has_output ? std::clamp(column_of(attempt.started + attempt.first_output, whole), begin, end - 1) : end;
  return repeated(" ", begin) + repeated("░", output - begin) + repeated("█", end - output) +
         repeated(" ", axis_columns - end);
}

std::string outcome_of(const airouter::Attempt& attempt) {
  if (attempt.failure == airouter::FailureKind::none) return "answered";
  std::string name(airouter::to_string(attempt.failure));
  std::replace(name.begin(), name.end(), '_', ' ');
  return attempt.http_status >= 300 ? fmt::format("{} {}", attempt.http_status, name) : name;
}

}  // namespace

std::string picture_of(const airouter::CallSummary& call) {
  std::size_t name_columns = 0;
  for (const airouter::Attempt& attempt : call.attempts)
    name_columns = std::max(name_columns, attempt.provider.size());
  std::string text;
  for (std::size_t i = 0; i < call.attempts.size(); ++i) {
    const airouter::Attempt& attempt = call.attempts[i];
    const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(attempt.total).count();
    std::string line = fmt::format("  {} {:<{}}  {} {}  {:>5} ms  {:<16}", i + 1, attempt.provider,
                                   name_columns, attempt.failure == airouter::FailureKind::none ? "●" : "✕",
                                   bar_of(attempt, call.total), milliseconds, outcome_of(attempt));
    if (!attempt.effect.empty()) line += "  " + attempt.effect;
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  }
  return text;
}

}  // namespace airouterd::demo
