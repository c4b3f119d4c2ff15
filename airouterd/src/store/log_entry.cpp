#include "store/log_entry.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/text.h"

namespace airouterd::store {
namespace {

// Attempts and skipped candidates beyond are left out: a line stays short enough to be read at once.
constexpr std::size_t listed_max = 32;

// Of any text; no longer than the longest model name.
constexpr std::size_t text_bytes_max = 512;

// What stands in a JSON string as it is. `<` does not, so that no text ends a script element.
constexpr auto plain_bytes = [] {
  std::array<bool, 256> is_plain{};
  for (unsigned c = 0x20; c < 0x7f; ++c)
    is_plain[c] = c != '"' && c != '\\' && c != '<';
  return is_plain;
}();

template <class Number>
void append_number(std::string& to, Number number) {
  std::array<char, 24> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  to.append(digits.data(), end);
}

void append_fraction(std::string& to, std::int64_t value, std::int64_t unit) {
  append_number(to, value / unit);
  to += '.';
  for (std::int64_t rest = value % unit, digit = unit / 10; digit > 0; digit /= 10)
    to += static_cast<char>('0' + rest / digit % 10);
}

void append_milliseconds(std::string& to, std::chrono::microseconds time) {
  append_fraction(to, std::max<std::int64_t>(time.count(), 0), 1000);
}

// The escapes of what is not plain.
void append_escaped(std::string& to, std::string_view value) {
  constexpr std::string_view hexadecimal = "0123456789abcdef";
  for (std::size_t i = 0; i < value.size(); ++i) {
    const auto byte = static_cast<unsigned char>(value[i]);
    const bool is_line_separator =
        byte == 0xE2 && (value.substr(i, 3) == "\xE2\x80\xA8" || value.substr(i, 3) == "\xE2\x80\xA9");
    if (is_line_separator) {
      to.append("\\u202").append(1, value[i + 2] == '\xA8' ? '8' : '9');
      i += 2;
    } else if (plain_bytes[byte] || byte >= 0x80) {
      to += value[i];
    } else if (byte == '"' || byte == '\\') {
      to.append(1, '\\').append(1, value[i]);
    } else if (byte == '\n') {
      to += "\\n";
    } else {
      to.append("\\u00").append(1, hexadecimal[byte >> 4]).append(1, hexadecimal[byte & 15]);
    }
  }
}

void append_text_or_null(std::string& to, std::string_view value) {
  if (value.empty()) {
    to += "null";
  } else if (value.size() > text_bytes_max) {
    append_json_string(to, airouter::text::shortened(value, text_bytes_max));
  } else {
    append_json_string(to, value);
  }
}

template <class Number>
void append_number_or_null(std::string& to, const std::optional<Number>& number) {
  number ? append_number(to, *number) : void(to += "null");
}

void append_time_or_null(std::string& to, const std::optional<std::chrono::microseconds>& time) {
  time ? append_milliseconds(to, *time) : void(to += "null");
}

void append_skipped(std::string& to, const airouter::Skipped& skipped) {
  to += "{\"provider\":";
  append_text_or_null(to, skipped.provider);
  to += ",\"model\":";
  append_text_or_null(to, skipped.model);
  to.append(",\"reason\":\"").append(airouter::to_string(skipped.reason)).append("\",\"until_s\":");
  append_number(to, skipped.until.count());
  to += '}';
}

template <class Item>
void append_list(std::string& to, std::span<const Item> items, void (*append)(std::string&, const Item&)) {
  to += '[';
  for (std::size_t i = 0; i < std::min(items.size(), listed_max); ++i) {
    if (i > 0) to += ',';
    append(to, items[i]);
  }
  to += ']';
}

}  // namespace

void append_json_string(std::string& to, std::string_view value) {
  to += '"';
  const bool is_plain = std::all_of(value.begin(), value.end(),
                                    [](char c) { return plain_bytes[static_cast<unsigned char>(c)]; });
  if (is_plain) {
    to += value;
  } else if (airouter::text::is_valid_utf8(value)) {
    append_escaped(to, value);
  } else {
    append_escaped(to, airouter::text::valid_utf8(value));
  }
  to += '"';
}

void append_attempt(std::string& to, const airouter::Attempt& attempt) {
  to += "{\"provider\":";
  append_text_or_null(to, attempt.provider);
  to += ",\"model\":";
  append_text_or_null(to, attempt.model);
  to += ",\"status\":";
  append_number_or_null(to, attempt.http_status == 0 ? std::nullopt : std::optional(attempt.http_status));
  to.append(",\"kind\":\"").append(airouter::to_string(attempt.failure)).append("\",\"start_ms\":");
  append_milliseconds(to, attempt.started);
  to += ",\"first_output_ms\":";
  append_time_or_null(to,
                      attempt.first_output.count() == 0 ? std::nullopt : std::optional(attempt.first_output));
  to += ",\"total_ms\":";
  append_milliseconds(to, attempt.total);
  to += ",\"detail\":";
  append_text_or_null(to, attempt.detail);
  to += ",\"effect\":";
  append_text_or_null(to, attempt.effect);
  if (attempt.last_resort) to += ",\"last_resort\":true";
  if (attempt.probe) to += ",\"probe\":true";
  to += '}';
}

void append_line(std::string& to, const LogEntry& entry, const LocalTime& time) {
  const auto text = [&](std::string_view name, std::string_view value) {
    to += name;
    append_text_or_null(to, value);
  };
  to += "{\"id\":";
  append_number(to, entry.id);
  to += ",\"timestamp\":";
  append_fraction(to, entry.id, 1'000'000);
  to += ",\"timestamp_str\":\"";
  append_text(to, time);
  to.append("\",\"level\":\"").append(to_string(entry.level));
  to.append("\",\"type\":\"").append(to_string(entry.type)).append("\"");
  text(",\"method\":", entry.method);
  text(",\"path\":", entry.path);
  text(",\"model\":", entry.model);
  text(",\"provider\":", entry.provider);
  to += ",\"status_code\":";
  append_number_or_null(to, entry.status == 0 ? std::nullopt : std::optional(entry.status));
  to += ",\"duration_ms\":";
  append_time_or_null(to, entry.duration);
  text(",\"message\":", entry.message);
  text(",\"error\":", entry.error);
  text(",\"client_ip\":", entry.client_ip);
  text(",\"api_key_id\":", entry.key_id);
  to += ",\"request_tokens\":";
  append_number_or_null(to, entry.input_tokens);
  to += ",\"response_tokens\":";
  append_number_or_null(to, entry.output_tokens);
  text(",\"request_id\":", entry.request_id);
  if (!entry.chinese.empty()) text(",\"message_zh\":", entry.chinese);
  if (entry.count > 0) {
    to += ",\"count\":";
    append_number_or_null(to, std::optional(entry.count));
  }
  text(",\"result\":", entry.result == LogResult::none ? std::string_view() : to_string(entry.result));
  to.append(",\"stream\":").append(entry.stream ? "true" : "false");
  to += ",\"first_output_ms\":";
  append_time_or_null(to, entry.first_output);
  to += ",\"attempts\":";
  append_list(to, entry.attempts, &append_attempt);
  to += ",\"skipped\":";
  append_list(to, entry.skipped, &append_skipped);
  to += '}';
}

}  // namespace airouterd::store
