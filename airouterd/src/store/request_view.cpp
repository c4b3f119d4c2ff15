#include "store/request_view.h"

#include <array>

#include <fmt/format.h>

#include "base/json.h"

namespace airouterd::store {
namespace {

namespace json = airouter::json;

// Where a line goes on with what the log's readers are not shown.
constexpr std::string_view hidden = ",\"result\":";

// When the request began: the record was made at its end.
std::string began(const json::Value& record) {
  const json::Value *at = record.find("timestamp"), *took = record.find("duration_ms");
  const double end = at == nullptr ? 0 : json::to_double(at->text).value_or(0);
  const double milliseconds = took == nullptr ? 0 : json::to_double(took->text).value_or(0);
  return fmt::format("{:.6f}", end - milliseconds / 1000);
}

}  // namespace

void append_log_view(std::string& to, std::string_view line) {
  const auto end = line.find(hidden);
  to.append(line.substr(0, end));
  if (end != std::string_view::npos) to += '}';
}

bool append_request_view(std::string& to, std::string_view line, std::string_view attempts) {
  const json::Parsed parsed = json::parse(line);
  if (!parsed.value) return false;
  const json::Value& record = *parsed.value;
  const json::Value* type = record.find("type");
  const json::Value* result = record.find("result");
  if (type == nullptr || type->text == "system" || (result != nullptr && result->text == "refused"))
    return false;
  const auto raw = [&](std::string_view name) -> std::string_view {
    const json::Value* value = record.find(name);
    if (value == nullptr) return "null";
    return line.substr(value->span.begin, value->span.end - value->span.begin);
  };
  to.append("{\"id\":").append(raw("request_id")).append(",\"time\":").append(began(record));
  struct Member {
    std::string_view shown, logged;
  };
  constexpr std::array members{
      Member{"model", "model"},          Member{"stream", "stream"},
      Member{"key_id", "api_key_id"},    Member{"client_ip", "client_ip"},
      Member{"result", "result"},        Member{"status", "status_code"},
      Member{"error", "error"},          Member{"first_output_ms", "first_output_ms"},
      Member{"total_ms", "duration_ms"}, Member{"log_id", "id"}};
  for (const auto& [shown, logged] : members)
    to.append(",\"").append(shown).append("\":").append(raw(logged));
  if (raw("request_tokens") != "null" || raw("response_tokens") != "null")
    to.append(",\"usage\":{\"input_tokens\":")
        .append(raw("request_tokens"))
        .append(",\"output_tokens\":")
        .append(raw("response_tokens"))
        .append("}");
  to.append(",\"attempts\":").append(attempts.empty() ? raw("attempts") : attempts);
  to.append(",\"skipped\":").append(raw("skipped")).append("}");
  return true;
}

}  // namespace airouterd::store
