#include "store/foreign_line.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <vector>

#include "base/text.h"
#include "store/log_entry.h"

namespace airouterd::store {
namespace {

namespace json = airouter::json;

using airouter::FailureKind;
using airouter::SkipReason;

// A string's text; empty: it is none.
std::string_view text_at(const json::Value& record, std::string_view name) {
  const json::Value* value = record.find(name);
  return value != nullptr && value->is_string() ? std::string_view(value->text) : std::string_view();
}

std::optional<double> number_at(const json::Value& record, std::string_view name) {
  const json::Value* value = record.find(name);
  return value != nullptr && value->is_number() ? json::to_double(value->text) : std::nullopt;
}

// Rounded, within what can be counted with.
std::optional<std::int64_t> whole_at(const json::Value& record, std::string_view name, double unit = 1) {
  constexpr double largest = 9e15;
  const auto number = number_at(record, name);
  if (!number) return std::nullopt;
  return static_cast<std::int64_t>(std::llround(std::clamp(*number * unit, 0.0, largest)));
}

std::optional<std::chrono::microseconds> milliseconds_at(const json::Value& record, std::string_view name) {
  const auto number = whole_at(record, name, 1000);
  return number ? std::optional(std::chrono::microseconds(*number)) : std::nullopt;
}

bool is_true_at(const json::Value& record, std::string_view name) {
  const json::Value* value = record.find(name);
  return value != nullptr && value->kind == json::Kind::boolean && value->boolean;
}

template <class Word>
Word named(std::string_view name, Word last, Word otherwise) {
  for (int i = 0; i <= static_cast<int>(last); ++i)
    if (airouter::to_string(static_cast<Word>(i)) == name) return static_cast<Word>(i);
  return otherwise;
}

airouter::Attempt attempt_of(const json::Value& value) {
  airouter::Attempt attempt;
  attempt.provider = text_at(value, "provider");
  attempt.model = text_at(value, "model");
  attempt.http_status = static_cast<int>(std::min<std::int64_t>(whole_at(value, "status").value_or(0), 999));
  attempt.failure = named(text_at(value, "kind"), FailureKind::cancelled, FailureKind::bad_answer);
  attempt.started = milliseconds_at(value, "start_ms").value_or(std::chrono::microseconds{});
  attempt.first_output = milliseconds_at(value, "first_output_ms").value_or(std::chrono::microseconds{});
  attempt.total = milliseconds_at(value, "total_ms").value_or(std::chrono::microseconds{});
  attempt.detail = text_at(value, "detail");
  attempt.effect = text_at(value, "effect");
  attempt.last_resort = is_true_at(value, "last_resort");
  attempt.probe = is_true_at(value, "probe");
  return attempt;
}

airouter::Skipped skipped_of(const json::Value& value) {
  airouter::Skipped skipped;
  skipped.provider = text_at(value, "provider");
  skipped.model = text_at(value, "model");
  skipped.reason = named(text_at(value, "reason"), SkipReason::retry_budget, SkipReason::cooling);
  skipped.until = std::chrono::seconds(whole_at(value, "until_s").value_or(0));
  return skipped;
}

template <class Item>
std::vector<Item> list_at(const json::Value& record, std::string_view name,
                          Item (*item_of)(const json::Value&)) {
  std::vector<Item> list;
  if (const json::Value* value = record.find(name); value != nullptr)
    for (const json::Value& item : value->items)
      list.push_back(item_of(item));
  return list;
}

}  // namespace

bool append_rewritten(std::string& to, const json::Value& record, LocalClock& clock) {
  const auto type = log_type_of(airouter::text::lower(text_at(record, "type")));
  const auto timestamp = whole_at(record, "timestamp", 1'000'000);
  const auto id = whole_at(record, "id");
  if (!record.is_object() || !type || !timestamp || *timestamp == 0) return false;
  LogEntry entry;
  // Whatever else somebody numbers records by, ours are times.
  entry.id = id && std::abs(*id - *timestamp) < 1'000'000 ? *id : *timestamp;
  entry.type = *type;
  const bool is_error = *type == LogType::error;
  entry.level = log_level_of(airouter::text::lower(text_at(record, "level")))
                    .value_or(is_error ? LogLevel::error : LogLevel::info);
  entry.method = text_at(record, "method");
  entry.path = text_at(record, "path");
  entry.model = text_at(record, "model");
  entry.provider = text_at(record, "provider");
  entry.status = static_cast<int>(std::min<std::int64_t>(whole_at(record, "status_code").value_or(0), 999));
  entry.duration = milliseconds_at(record, "duration_ms");
  entry.message = text_at(record, "message");
  entry.chinese = text_at(record, "message_zh");
  entry.count = std::max<std::int64_t>(whole_at(record, "count").value_or(0), 0);
  entry.error = text_at(record, "error");
  entry.client_ip = text_at(record, "client_ip");
  entry.key_id = text_at(record, "api_key_id");
  entry.input_tokens = whole_at(record, "request_tokens");
  entry.output_tokens = whole_at(record, "response_tokens");
  entry.request_id = text_at(record, "request_id");
  const bool is_end = *type == LogType::response || is_error;
  const bool is_ok = !is_error && entry.status < 400;
  entry.result = log_result_of(text_at(record, "result"))
                     .value_or(!is_end ? LogResult::none
                               : is_ok ? LogResult::ok
                                       : LogResult::failed);
  entry.stream = is_true_at(record, "stream");
  entry.first_output = milliseconds_at(record, "first_output_ms");
  const auto attempts = list_at<airouter::Attempt>(record, "attempts", &attempt_of);
  const auto skipped = list_at<airouter::Skipped>(record, "skipped", &skipped_of);
  entry.attempts = attempts;
  entry.skipped = skipped;
  append_line(to, entry, clock.at(*timestamp));
  return true;
}

}  // namespace airouterd::store
