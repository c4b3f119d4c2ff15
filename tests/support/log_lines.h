#pragma once

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "store/local_time.h"
#include "store/log_entry.h"

// Lines of the log and files of them, for tests.
namespace log_lines {

using airouterd::store::LogEntry;
using airouterd::store::LogLevel;
using airouterd::store::LogResult;
using airouterd::store::LogType;
using airouterd::store::Microseconds;

inline std::string line_of(const LogEntry& entry) {
  std::string text;
  airouterd::store::append_line(text, entry, airouterd::store::LocalClock().at(entry.id));
  return text;
}

// A request that ended well: model m1, provider p1, key k1.
inline LogEntry answered(Microseconds id) {
  LogEntry entry;
  entry.id = id;
  entry.type = LogType::response;
  entry.result = LogResult::ok;
  entry.method = "POST";
  entry.path = "/v1/chat/completions";
  entry.model = "m1";
  entry.provider = "p1";
  entry.key_id = "k1";
  entry.status = 200;
  entry.duration = std::chrono::microseconds(1500);
  entry.message = "answered by p1";
  entry.request_id = "req_1";
  return entry;
}

inline airouter::Attempt attempt(const std::string& provider, airouter::FailureKind failure = {}) {
  airouter::Attempt attempt;
  attempt.provider = provider;
  attempt.model = "m1";
  attempt.failure = failure;
  attempt.http_status = failure == airouter::FailureKind::none ? 200 : 429;
  return attempt;
}

inline std::string content_of(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

// What stands in a member of a JSON object, as it is written there; strings without their quotes.
inline std::string member(std::string_view object, std::string_view name) {
  const auto parsed = airouter::json::parse(object);
  const airouter::json::Value* value = parsed.value ? parsed.value->find(name) : nullptr;
  if (value == nullptr) return "(nothing)";
  if (value->is_string()) return value->text;
  return std::string(object.substr(value->span.begin, value->span.end - value->span.begin));
}

}  // namespace log_lines
