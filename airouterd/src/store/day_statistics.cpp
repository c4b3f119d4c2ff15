#include "store/day_statistics.h"

namespace airouterd::store {
namespace {

// Model names come from clients, and the files may hold anything: beyond this many names the rest is one.
constexpr std::size_t models_max = 1024, providers_max = 4096, keys_max = 20'000;
constexpr std::string_view the_rest = "(others)";

template <class Map>
auto& of_name(Map& map, std::string_view name, std::size_t max) {
  const auto found = map.find(name);
  if (found != map.end()) return found->second;
  return map[std::string(map.size() < max ? name : the_rest)];
}

std::int64_t& count_of(DayStatistics::Hour& hour, LogResult result) {
  switch (result) {
    case LogResult::ok:
      return hour.ok;
    case LogResult::rescued:
      return hour.rescued;
    case LogResult::cancelled:
      return hour.cancelled;
    default:
      return hour.failed;
  }
}

}  // namespace

void DayStatistics::Tokens::add(const Tokens& other) noexcept {
  input += other.input;
  output += other.output;
  reports += other.reports;
}

void DayStatistics::Hour::add(const Hour& other) noexcept {
  ok += other.ok;
  rescued += other.rescued;
  failed += other.failed;
  cancelled += other.cancelled;
  tokens.add(other.tokens);
  first_output.add(other.first_output);
}

void DayStatistics::add(const ScannedLine& line) {
  if (line.type == LogType::error && line.result == LogResult::refused) refused_ += line.count;
  if (!is_end_of_request(line.type, line.result)) return;
  const auto at = static_cast<std::size_t>(line.hour);
  Hour& hour = hours_[at];
  ++count_of(hour, line.result);
  Tokens tokens{line.input_tokens.value_or(0), line.output_tokens.value_or(0),
                line.input_tokens || line.output_tokens ? 1 : 0};
  hour.tokens.add(tokens);
  if (line.first_output_ms) hour.first_output.add(*line.first_output_ms);
  if (!line.model.empty()) ++of_name(models_, line.model, models_max)[at];
  const bool is_answered = line.result == LogResult::ok || line.result == LogResult::rescued;
  if (is_answered && !line.provider.empty()) ++of_name(answered_by_, line.provider, providers_max);
  if (!line.key_id.empty()) {
    Key& key = of_name(keys_, line.key_id, keys_max);
    ++key.requests;
    key.tokens += tokens.total();
  }
  for (const ScannedLine::Attempt& attempt : line.attempts) {
    Cell& cell = of_name(providers_, attempt.provider, providers_max)[at];
    cell.ok += attempt.is_ok ? 1 : 0;
    cell.failed += attempt.is_failed ? 1 : 0;
  }
}

DayStatistics::Hour DayStatistics::total() const {
  Hour total;
  for (const Hour& hour : hours_)
    total.add(hour);
  return total;
}

}  // namespace airouterd::store
