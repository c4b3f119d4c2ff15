#include "store/log_scanner.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/json.h"
#include "base/text.h"
#include "store/foreign_line.h"
#include "store/line_cursor.h"
#include "store/log_entry.h"

namespace airouterd::store {
namespace {

namespace json = airouter::json;

// A string's value. The line keeps those without escapes; others move in with `decoded`.
std::string_view value_of(LineCursor& cursor, std::deque<std::string>& decoded) {
  bool has_escapes = false;
  const std::string_view raw = cursor.text_or_null(has_escapes);
  if (!has_escapes) return raw;
  const json::Parsed parsed = json::parse(std::string_view(raw.data() - 1, raw.size() + 2));
  if (!parsed.value) {
    cursor.pass("broken");
    return {};
  }
  return decoded.emplace_back(parsed.value->text);
}

// A word that must be one of ours.
template <class Word>
Word word_of(LineCursor& cursor, std::optional<Word> (*find)(std::string_view) noexcept) {
  bool has_escapes = false;
  const auto word = find(cursor.text_or_null(has_escapes));
  if (!word) cursor.pass("unknown");
  return word.value_or(Word{});
}

// Whether an attempt that ended so was good or bad news of its provider.
ScannedLine::Attempt attempt_of(std::string_view provider, std::string_view kind) {
  const bool is_ok = kind == "none";
  return {provider, is_ok, !is_ok && kind != "cancelled" && kind != "request_rejected"};
}

void scan_attempt(LineCursor& cursor, ScannedLine& found, std::deque<std::string>& decoded) {
  bool has_escapes = false;
  cursor.pass("{\"provider\":");
  const std::string_view provider = value_of(cursor, decoded);
  cursor.pass(",\"model\":");
  cursor.skip_text_or_null();
  cursor.pass(",\"status\":");
  cursor.number_or_null();
  cursor.pass(",\"kind\":");
  found.attempts.push_back(attempt_of(provider, cursor.text_or_null(has_escapes)));
  for (const std::string_view name : {",\"start_ms\":", ",\"first_output_ms\":", ",\"total_ms\":"}) {
    cursor.pass(name);
    cursor.number_or_null();
  }
  for (const std::string_view name : {",\"detail\":", ",\"effect\":"}) {
    cursor.pass(name);
    cursor.skip_text_or_null();
  }
  for (const std::string_view flag : {",\"last_resort\":true", ",\"probe\":true"})
    cursor.try_pass(flag);
  cursor.pass("}");
}

// From "2026-12-31 23:59:59".
int hour_of(std::string_view time) {
  if (time.size() != 19 || time[10] != ' ' || time[13] != ':') return -1;
  const int hour = (time[11] - '0') * 10 + (time[12] - '0');
  return hour >= 0 && hour < 24 ? hour : -1;
}

}  // namespace

const ScannedLine* LineScanner::scan(std::string_view line) {
  if (!line.ends_with('}')) return nullptr;
  if (scan_own(line)) return &found_;
  return rewrite(line) && scan_own(rewritten_) ? &found_ : nullptr;
}

bool LineScanner::scan_own(std::string_view line) {
  decoded_.clear();
  found_.attempts.clear();
  found_.text = line;
  bool has_escapes = false;
  LineCursor cursor(line);
  cursor.pass("{\"id\":");
  found_.id = cursor.number_or_null().value_or(0);
  cursor.pass(",\"timestamp\":");
  cursor.number_or_null();
  cursor.pass(",\"timestamp_str\":");
  found_.hour = hour_of(cursor.text_or_null(has_escapes));
  cursor.pass(",\"level\":");
  found_.level = word_of(cursor, &log_level_of);
  cursor.pass(",\"type\":");
  found_.type = word_of(cursor, &log_type_of);
  cursor.pass(",\"method\":");
  cursor.skip_text_or_null();
  cursor.pass(",\"path\":");
  cursor.skip_text_or_null();
  cursor.pass(",\"model\":");
  found_.model = value_of(cursor, decoded_);
  cursor.pass(",\"provider\":");
  found_.provider = value_of(cursor, decoded_);
  cursor.pass(",\"status_code\":");
  found_.status = static_cast<int>(std::clamp<std::int64_t>(cursor.number_or_null().value_or(0), 0, 999));
  cursor.pass(",\"duration_ms\":");
  cursor.number_or_null();
  for (const std::string_view name : {",\"message\":", ",\"error\":", ",\"client_ip\":"}) {
    cursor.pass(name);
    cursor.skip_text_or_null();
  }
  cursor.pass(",\"api_key_id\":");
  found_.key_id = value_of(cursor, decoded_);
  cursor.pass(",\"request_tokens\":");
  found_.input_tokens = cursor.number_or_null();
  cursor.pass(",\"response_tokens\":");
  found_.output_tokens = cursor.number_or_null();
  cursor.pass(",\"request_id\":");
  found_.request_id = value_of(cursor, decoded_);
  if (cursor.try_pass(",\"message_zh\":")) cursor.skip_text_or_null();
  found_.count = cursor.try_pass(",\"count\":") ? cursor.number_or_null().value_or(1) : 1;
  if (!cursor.is_fine()) return false;
  found_.shown_bytes = cursor.offset();
  cursor.pass(",\"result\":");
  found_.result = log_result_of(cursor.text_or_null(has_escapes)).value_or(LogResult::none);
  cursor.pass(",\"stream\":");
  if (!cursor.try_pass("true")) cursor.pass("false");
  cursor.pass(",\"first_output_ms\":");
  found_.first_output_ms = cursor.number_or_null();
  cursor.pass(",\"attempts\":[");
  if (!cursor.try_pass("]")) {
    do
      scan_attempt(cursor, found_, decoded_);
    while (cursor.try_pass(","));
    cursor.pass("]");
  }
  cursor.pass(",\"skipped\":[");
  return cursor.is_fine() && found_.hour >= 0 && found_.id > 0;
}

bool LineScanner::rewrite(std::string_view line) {
  const json::Parsed parsed = json::parse(line);
  if (!parsed.value) return false;
  rewritten_.clear();
  return append_rewritten(rewritten_, *parsed.value, clock_);
}

}  // namespace airouterd::store
