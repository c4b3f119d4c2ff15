#include "texts.h"

#include <cstdlib>
#include <cstring>
#include <new>

#include "base/json.h"
#include "failures.h"

namespace airouter::c {
namespace {

using json::Writer;

void write(Writer& writer, const Skipped& skipped) {
  writer.begin_object().key("provider").string(skipped.provider).key("model").string(skipped.model);
  writer.key("reason").string(to_string(skipped.reason));
  writer.key("until_s").integer(skipped.until.count()).end_object();
}

void write(Writer& writer, const std::vector<Skipped>& all) {
  writer.begin_array();
  for (const Skipped& skipped : all)
    write(writer, skipped);
  writer.end_array();
}

void write(Writer& writer, const Attempt& attempt) {
  writer.begin_object().key("provider").string(attempt.provider).key("model").string(attempt.model);
  writer.key("http_status").integer(attempt.http_status).key("failure").string(to_string(attempt.failure));
  writer.key("started_us").integer(attempt.started.count());
  writer.key("first_output_us").integer(attempt.first_output.count());
  writer.key("total_us").integer(attempt.total.count());
  writer.key("detail").string(attempt.detail).key("effect").string(attempt.effect);
  writer.key("last_resort").boolean(attempt.last_resort).key("probe").boolean(attempt.probe).end_object();
}

void write(Writer& writer, const std::optional<Usage>& usage) {
  if (!usage) {
    writer.null();
    return;
  }
  writer.begin_object().key("input_tokens").integer(usage->input_tokens);
  writer.key("output_tokens").integer(usage->output_tokens).end_object();
}

[[noreturn]] void refuse(std::string message) {
  throw Exception({.code = ErrorCode::invalid_request, .message = "options: " + std::move(message)});
}

Headers headers_of(const json::Value& value) {
  if (!value.is_object()) refuse("headers must be an object of strings");
  Headers headers;
  for (const json::Member& member : value.members) {
    if (!member.value.is_string()) refuse("headers must be an object of strings");
    headers.emplace_back(member.key, member.value.text);
  }
  return headers;
}

std::chrono::milliseconds total_of(const json::Value& value) {
  const auto ms = value.is_number() ? json::to_integer(value.text) : std::nullopt;
  if (!ms || *ms < 1) refuse("total_ms must be a whole number of at least 1");
  return std::chrono::milliseconds(*ms);
}

}  // namespace

std::string_view input(const char* bytes, std::size_t length) {
  if (bytes == nullptr) throw InvalidArgument{"a text is NULL"};
  return length == AIROUTER_NUL_TERMINATED ? std::string_view(bytes) : std::string_view(bytes, length);
}

airouter_view view_of(const std::string& text) noexcept {
  return {text.c_str(), text.size()};
}

airouter_string owned(std::string_view text) {
  auto* bytes = static_cast<char*>(std::malloc(text.size() + 1));
  if (bytes == nullptr) throw std::bad_alloc();
  std::memcpy(bytes, text.data(), text.size());
  bytes[text.size()] = '\0';
  return {bytes, text.size()};
}

std::string to_json(const std::vector<std::string>& models) {
  Writer writer;
  writer.begin_array();
  for (const std::string& model : models)
    writer.string(model);
  writer.end_array();
  return std::string(writer.text());
}

std::string to_json(const Plan& plan) {
  Writer writer;
  writer.begin_object().key("candidates").begin_array();
  for (const Candidate& candidate : plan.candidates) {
    writer.begin_object().key("provider").string(candidate.provider).key("model").string(candidate.model);
    writer.key("share").number(candidate.share).end_object();
  }
  writer.end_array().key("skipped");
  write(writer, plan.skipped);
  writer.end_object();
  return std::string(writer.text());
}

std::string to_json(const std::vector<HealthReport>& reports) {
  Writer writer;
  writer.begin_array();
  for (const HealthReport& report : reports) {
    writer.begin_object().key("provider").string(report.provider).key("model").string(report.model);
    writer.key("state").string(to_string(report.state)).key("cause").string(to_string(report.cause));
    writer.key("left_ms").integer(report.left.count()).key("failures").integer(report.failures).end_object();
  }
  writer.end_array();
  return std::string(writer.text());
}

std::string to_json(const CallHead& head) {
  Writer writer;
  writer.begin_object().key("status").integer(head.status).key("provider").string(head.provider);
  writer.key("model").string(head.model).key("attempts").integer(head.attempts);
  writer.key("headers").begin_object();
  for (const auto& [name, value] : head.headers)
    writer.key(name).string(value);
  writer.end_object().end_object();
  return std::string(writer.text());
}

std::string to_json(const CallSummary& summary) {
  Writer writer;
  writer.begin_object().key("id").integer(static_cast<std::int64_t>(summary.id));
  writer.key("model").string(summary.model).key("stream").boolean(summary.stream);
  writer.key("attempts").begin_array();
  for (const Attempt& attempt : summary.attempts)
    write(writer, attempt);
  writer.end_array().key("skipped");
  write(writer, summary.skipped);
  writer.key("usage");
  write(writer, summary.usage);
  writer.key("total_us").integer(summary.total.count()).end_object();
  return std::string(writer.text());
}

OpenOptions open_options(const char* json) {
  OpenOptions options;
  if (json == nullptr) return options;
  const json::Parsed parsed = json::parse(json);
  if (!parsed.value) refuse(parsed.error.message);
  if (!parsed.value->is_object()) refuse("not a JSON object");
  for (const json::Member& member : parsed.value->members) {
    if (member.key == "total_ms") {
      options.call.total = total_of(member.value);
    } else if (member.key == "headers") {
      options.headers = headers_of(member.value);
    } else {
      refuse("there is no '" + member.key + "'; there are total_ms and headers");
    }
  }
  return options;
}

}  // namespace airouter::c

extern "C" void airouter_string_free(airouter_string string) {
  std::free(string.bytes);
}
