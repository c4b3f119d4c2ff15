// Lines of the log: what is written can be read, by us quickly and by others at all.
#include <string>
#include <vector>

#include "base/text.h"
#include "store/log_scanner.h"
#include "store/request_view.h"
#include "support/catch.h"
#include "support/log_lines.h"

using namespace airouterd::store;
using namespace log_lines;

namespace {

const std::vector<std::string> hostile{
    "plain",
    "",
    "quote \" backslash \\ slash /",
    "</script><script>alert(1)</script>",
    "line\nreturn\rtab\tnul\x01\x1f\x7f",
    std::string("NUL \0 within", 12),
    "\xE2\x80\xA8 and \xE2\x80\xA9",
    "broken \xC3\x28 \xFF\xFE \xED\xA0\x80",
    "中文 \xF0\x9F\x98\x80 \xE2\x80\xAE right to left",
    ",\"result\":\"ok\"",
    "\",\"result\":\"ok\"}",
    "ends in a backslash\\",
    std::string(2000, 'x'),
    std::string(600, '"'),
    "{\"id\":1}",
};

// What a text becomes in the log.
std::string kept(std::string_view text) {
  return airouter::text::valid_utf8(airouter::text::shortened(text, 512));
}

LogEntry entry_with(const std::string& text, std::vector<airouter::Attempt>& attempts) {
  LogEntry entry = answered(1'795'000'000'123'456);
  entry.method = entry.path = entry.model = entry.provider = text;
  entry.message = text;
  entry.error = entry.client_ip = entry.key_id = entry.request_id = text;
  attempts = {attempt(text), attempt("b", airouter::FailureKind::rate_limited)};
  attempts[0].model = attempts[0].detail = attempts[0].effect = text;
  attempts[1].last_resort = attempts[1].probe = true;
  entry.attempts = attempts;
  return entry;
}

}  // namespace

TEST_CASE("a line has every member, in an order that readers rely on", "[log]") {
  LogEntry entry = answered(1'795'000'000'123'456);
  entry.input_tokens = 12;
  entry.first_output = std::chrono::microseconds(1'234'005);
  const std::vector attempts{attempt("p0", airouter::FailureKind::rate_limited), attempt("p1")};
  const std::vector skipped{
      airouter::Skipped{"p2", "", airouter::SkipReason::cooling, std::chrono::seconds(7)}};
  entry.attempts = attempts;
  entry.skipped = skipped;
  std::string line;
  append_line(line, entry, {20261118, 7, 8, 9});
  CHECK(
      line ==
      R"({"id":1795000000123456,"timestamp":1795000000.123456,"timestamp_str":"2026-11-18 07:08:09",)"
      R"("level":"info","type":"response","method":"POST","path":"/v1/chat/completions","model":"m1",)"
      R"("provider":"p1","status_code":200,"duration_ms":1.500,"message":"answered by p1","error":null,)"
      R"("client_ip":null,"api_key_id":"k1","request_tokens":12,"response_tokens":null,"request_id":"req_1",)"
      R"("result":"ok","stream":false,"first_output_ms":1234.005,"attempts":[)"
      R"({"provider":"p0","model":"m1","status":429,"kind":"rate_limited","start_ms":0.000,)"
      R"("first_output_ms":null,"total_ms":0.000,"detail":null,"effect":null},)"
      R"({"provider":"p1","model":"m1","status":200,"kind":"none","start_ms":0.000,)"
      R"("first_output_ms":null,"total_ms":0.000,"detail":null,"effect":null}],)"
      R"("skipped":[{"provider":"p2","model":null,"reason":"cooling","until_s":7}]})");
}

TEST_CASE("a line is JSON on one line whatever it quotes, and harms nobody who embeds it", "[log]") {
  for (const std::string& text : hostile) {
    CAPTURE(text);
    std::vector<airouter::Attempt> attempts;
    const std::string line = line_of(entry_with(text, attempts));
    REQUIRE(airouter::json::parse(line).value);
    CHECK(airouter::text::is_valid_utf8(line));
    for (const char* const harm : {"\n", "\r", "<", "\xE2\x80\xA8", "\xE2\x80\xA9"})
      CHECK(line.find(harm) == std::string::npos);
    if (!text.empty()) CHECK(member(line, "message") == kept(text));
    CHECK(line.size() < 30'000);
  }
}

TEST_CASE("what is read without parsing is what parsing reads", "[log]") {
  LineScanner scanner;
  for (const std::string& text : hostile) {
    CAPTURE(text);
    std::vector<airouter::Attempt> attempts;
    LogEntry entry = entry_with(text, attempts);
    entry.output_tokens = 5;
    entry.first_output = std::chrono::microseconds(7'900);
    const std::string line = line_of(entry);
    const ScannedLine* found = scanner.scan(line);
    REQUIRE(found != nullptr);
    CHECK(found->text == line);  // it did not have to be rewritten
    const auto as_parsed = [&](std::string_view name) {
      const std::string value = member(line, name);
      return value == "null" ? std::string() : value;
    };
    CHECK(found->id == entry.id);
    CHECK(found->model == as_parsed("model"));
    CHECK(found->provider == as_parsed("provider"));
    CHECK(found->key_id == as_parsed("api_key_id"));
    CHECK(found->request_id == as_parsed("request_id"));
    CHECK(found->status == 200);
    CHECK(!found->input_tokens);
    CHECK(found->output_tokens == 5);
    CHECK(found->first_output_ms == 7);
    REQUIRE(found->attempts.size() == 2);
    CHECK(found->attempts[0].provider == kept(text));
    CHECK(found->attempts[0].is_ok);
    CHECK(found->attempts[1].is_failed);
  }
}

TEST_CASE("a line in another order and spacing says the same", "[log]") {
  const std::string own = line_of(answered(1'795'000'000'123'456));
  const std::string edited =
      R"({ "type": "response", "timestamp": 1795000000.123456, "id": 1795000000123456, "level": "INFO",
  "status_code": 200, "api_key_id": "k1", "model": "m1", "provider": "p\u0031", "result": "ok", "request_id": "req_1",
  "path": "/v1/chat/completions", "method": "POST", "message": "answered by p1", "duration_ms": 1.5, "more": [1] })";
  LineScanner scanner;
  const ScannedLine* found = scanner.scan(edited);
  REQUIRE(found != nullptr);
  CHECK(found->text == own);
}

TEST_CASE("lines of the earlier Python program are read", "[log]") {
  LineScanner scanner;
  const std::string old =
      R"({"timestamp": 1795000000.25, "level": "info", "type": "response", "method": "POST", "path": "/v1/chat/completions", )"
      R"("model": "gpt-4", "provider": "Site_A", "status_code": 200, "duration_ms": 812.5, "message": null, "error": null, )"
      R"("client_ip": "10.0.0.7", "api_key_id": "a1b2", "request_tokens": 11, "response_tokens": 31})";
  const ScannedLine* found = scanner.scan(old);
  REQUIRE(found != nullptr);
  CHECK(found->id == 1'795'000'000'250'000);
  CHECK(found->result == LogResult::ok);
  CHECK(found->model == "gpt-4");
  CHECK(found->provider == "Site_A");
  CHECK(found->key_id == "a1b2");
  CHECK(found->output_tokens == 31);
  CHECK(member(found->text, "duration_ms") == "812.500");

  const auto result_of = [&](const std::string& line) {
    const ScannedLine* scanned = scanner.scan(line);
    return scanned == nullptr ? "no record" : std::string(to_string(scanned->result));
  };
  CHECK(result_of(R"({"timestamp": 1795000000.5, "type": "request", "model": "m"})") == "none");
  CHECK(result_of(R"({"timestamp": 1795000000.5, "type": "error", "status_code": 502})") == "failed");
  CHECK(result_of(R"({"timestamp": 1795000000.5, "type": "response", "status_code": 500})") == "failed");
  CHECK(result_of(R"({"timestamp": 1795000000.5, "type": "system"})") == "none");
  CHECK(result_of(R"({"timestamp": 1795000000.5, "type": "response", "id": 3})") == "ok");
}

TEST_CASE("what is no record is passed over", "[log]") {
  LineScanner scanner;
  const std::string own = line_of(answered(1'795'000'000'123'456));
  for (const std::string& line :
       {std::string(), std::string("{}"), std::string("[]"), std::string("null}"), std::string("garbage}"),
        own.substr(0, 100) + "}", own.substr(0, own.size() - 40), own.substr(5),
        std::string(R"({"timestamp":"x","type":"response"})"),
        std::string(R"({"timestamp":1e999,"type":"response"})"),
        std::string(R"({"timestamp":1795000000,"type":"other"})"), std::string(40'000, '{') + "}"}) {
    CAPTURE(line.substr(0, 120));
    CHECK(scanner.scan(line) == nullptr);
  }
}

TEST_CASE("a line as the log and as a request is shown", "[log]") {
  LogEntry entry = answered(1'795'000'000'123'456);
  entry.message = R"(says ,"result":"failed" within)";
  entry.input_tokens = 3;
  entry.output_tokens = 4;
  const std::vector attempts{attempt("p1")};
  entry.attempts = attempts;
  const std::string line = line_of(entry);
  std::string log, request;
  append_log_view(log, line);
  CHECK(member(log, "request_id") == "req_1");
  CHECK(member(log, "message") == entry.message);
  CHECK(member(log, "result") == "(nothing)");
  CHECK(member(log, "attempts") == "(nothing)");

  REQUIRE(append_request_view(request, line));
  CHECK(member(request, "id") == "req_1");
  CHECK(member(request, "time") == "1795000000.121956");
  CHECK(member(request, "result") == "ok");
  CHECK(member(request, "status") == "200");
  CHECK(member(request, "total_ms") == "1.500");
  CHECK(member(request, "usage") == R"({"input_tokens":3,"output_tokens":4})");
  CHECK(member(request, "attempts").starts_with(R"([{"provider":"p1")"));

  entry.input_tokens.reset();
  entry.output_tokens.reset();
  request.clear();
  REQUIRE(append_request_view(request, line_of(entry)));
  CHECK(member(request, "usage") == "(nothing)");
  entry.type = LogType::system;
  CHECK_FALSE(append_request_view(request, line_of(entry)));
}
