#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <airouter/call.h>
#include <airouter/events.h>

#include "store/local_time.h"
#include "store/log_words.h"

namespace airouterd::store {

// What a record of the log says. Borrows what it names; empty text and unset values are null in the log.
struct LogEntry {
  Microseconds id = 0;  // when it was made, and its place in the log: no two are alike, and they only grow
  LogLevel level = LogLevel::info;
  LogType type = LogType::system;
  std::string_view method{}, path{}, model{}, provider{};
  int status = 0;
  std::optional<std::chrono::microseconds> duration{};
  std::string message{};
  std::string chinese{};   // the message in Chinese; of records of the server itself and of sums only
  std::int64_t count = 0;  // how many requests it stands for; 0: for one
  std::string_view error{}, client_ip{}, key_id{};
  std::optional<std::int64_t> input_tokens{}, output_tokens{};
  std::string_view request_id{};
  LogResult result{};
  bool stream = false;
  std::optional<std::chrono::microseconds> first_output{};  // since the request began
  std::span<const airouter::Attempt> attempts{};
  std::span<const airouter::Skipped> skipped{};
};

// The record as one line of JSON without its line end. Every line has the same members in the same order, but
// for message_zh and count, which only some have, so that readers find what they need without parsing it all.
// Always valid UTF-8, whatever it quotes, and safe within HTML and JavaScript.
void append_line(std::string& to, const LogEntry& entry, const LocalTime& time);

// One attempt, as it stands in a line.
void append_attempt(std::string& to, const airouter::Attempt& attempt);

// `value` as JSON, escaped as in a line.
void append_json_string(std::string& to, std::string_view value);

}  // namespace airouterd::store
