#include "protocol/stream_judge.h"

#include <fmt/format.h>

#include "support/catch.h"

using namespace airouter;
using protocol::JudgedEvent;
using protocol::StreamJudge;

namespace {

std::string judged(StreamJudge& judge, std::string_view data, std::string_view name = {}) {
  const JudgedEvent event = judge.judge(data, name);
  switch (event.kind) {
    case JudgedEvent::Kind::silent:
      return "silent";
    case JudgedEvent::Kind::output:
      return "output";
    case JudgedEvent::Kind::done:
      return "done";
    case JudgedEvent::Kind::error:
      return "error: " + event.error.message;
    case JudgedEvent::Kind::bad:
      return "bad: " + event.reason;
  }
  return {};
}

std::string judged(std::string_view data, std::string_view name = {}) {
  StreamJudge judge;
  const std::string out = judged(judge, data, name);
  CHECK(judge.has_output() == (out == "output"));
  return out;
}

std::string delta(std::string_view inside) {
  return fmt::format(R"({{"choices":[{{"index":0,"delta":{{{}}},"finish_reason":null}}]}})", inside);
}

}  // namespace

TEST_CASE("a delta that a reader would see is output", "[stream]") {
  for (const char* inside : {R"("content":"x")", R"("role":"assistant","content":" ")",
                             R"("content":[{"type":"text","text":"x"}])", R"("tool_calls":[{"index":0}])",
                             R"("function_call":{"name":"f","arguments":""})", R"("reasoning":"x")",
                             R"("reasoning_content":"x")", R"("thinking":"x")", R"("refusal":"x")",
                             R"("audio":{"id":"a"})", R"("images":[{"type":"image_url"}])",
                             R"("reasoning_details":[{"type":"x"}])", R"("c\u006fntent":"x")"}) {
    INFO(inside);
    CHECK(judged(delta(inside)) == "output");
  }
  CHECK(judged(R"({"choices":[{"text":"x","index":0}]})") == "output");
  CHECK(judged(R"({"choices":[{"delta":{},"finish_reason":"stop"}]})") == "output");
}

TEST_CASE("roles, empty deltas and usage are silent", "[stream]") {
  for (const char* inside :
       {"", R"("role":"assistant")", R"("role":"assistant","content":"")", R"("content":null,"refusal":null)",
        R"("tool_calls":[])", R"("tool_calls":null)", R"("tool_calls":[{}])", R"("function_call":{})",
        R"("function_call":{"name":null,"arguments":""})", R"("content":[])", R"("audio":{})",
        R"("content":5)", R"("x":{"content":"x"})", R"("reasoning_content":"")", R"("images":[null])"}) {
    INFO(inside);
    CHECK(judged(delta(inside)) == "silent");
  }
  for (const char* data :
       {R"({"choices":[]})", R"({"choices":[],"usage":{"prompt_tokens":1}})", "{}", R"({"choices":[{}]})",
        R"({"choices":[{"delta":{},"finish_reason":""}]})",
        R"({"choices":[],"prompt_filter_results":[{"x":"y"}]})", R"({"delta":{"content":"x"}})",
        R"({"choices.[]":"x"})", R"({"choices[].delta.content":"x"})",
        R"({"choices":[{"delta.content":"x"}]})", R"({"type":"ping"})"})
    CHECK(judged(data) == "silent");
}

TEST_CASE("errors and rubbish in a stream are told apart", "[stream]") {
  CHECK(
      judged(R"({"error":{"message":"m"},"choices":[{"delta":{"content":"x"},"finish_reason":"error"}]})") ==
      "error: m");
  CHECK(judged(R"([{"error":{"message":"m"}}])") == "error: m");
  CHECK(judged(R"({"error":null,"choices":[]})") == "silent");
  CHECK(judged("overloaded", "error") == "error: overloaded");
  CHECK(judged(R"({"type":"error","error":{"message":"m"}})", "error") == "error: m");
  CHECK(judged(R"({"whatever":1})", "error") == "error: {\"whatever\":1}");
  CHECK(judged("<html>").starts_with("bad: an event is not valid JSON: "));
  CHECK(judged("null") == "bad: an event is not a JSON object");
  CHECK(judged("[1]") == "bad: an event is not a JSON object");
  CHECK(judged("\"[DONE]\"") == "bad: an event is not a JSON object");
  CHECK(judged(std::string(1'000'000, '[')).starts_with("bad: "));
  CHECK(judged(R"({"choices":[{"delta":{"content":"x)").starts_with("bad: "));
  CHECK(judged(delta("\"content\":\"\xE4\xBD\"")).starts_with("bad: "));
}

TEST_CASE("a stream is complete by [DONE], or when every choice has its finish reason", "[stream]") {
  StreamJudge judge;
  CHECK_FALSE(judge.is_complete());
  judged(judge, R"({"choices":[{"index":0,"delta":{"content":"a"}},{"index":1,"delta":{"content":"b"}}]})");
  CHECK_FALSE(judge.is_complete());
  judged(judge, R"({"choices":[{"finish_reason":"stop","delta":{},"index":1}]})");
  CHECK_FALSE(judge.is_complete());
  judged(judge, R"({"choices":[{"index":0,"delta":{},"finish_reason":"length"}]})");
  CHECK(judge.is_complete());
  judged(judge, R"({"choices":[],"usage":{"prompt_tokens":1}})");
  CHECK(judge.is_complete());
  judged(judge, R"({"choices":[{"index":2,"delta":{"content":"late"}}]})");
  CHECK_FALSE(judge.is_complete());
  CHECK(judged(judge, "  [DONE] ") == "done");
  CHECK(judge.is_complete());
}

TEST_CASE("endlessly many choices neither fill memory nor make a stream complete", "[stream]") {
  StreamJudge judge;
  for (int i = 0; i < 2'000; ++i)
    judged(judge, fmt::format(R"({{"choices":[{{"index":{},"delta":{{}},"finish_reason":"stop"}}]}})", i));
  CHECK_FALSE(judge.is_complete());
  StreamJudge other;
  std::string many = R"({"choices":[{"index":0,"finish_reason":"stop"})";
  for (int i = 0; i < 100'000; ++i)
    many += ",{\"finish_reason\":\"stop\"}";
  judged(other, many + "]}");
  CHECK_FALSE(other.is_complete());
}

TEST_CASE("an event gives its model places and usage", "[stream]") {
  StreamJudge judge;
  const std::string data =
      R"({"model": "a","choices":[{"delta":{"content":"\"model\":\"b\""}}],"usage":{"completion_tokens":7}})";
  const JudgedEvent event = judge.judge(data, "");
  REQUIRE(event.model_places.size() == 1);
  CHECK(data.substr(event.model_places[0].begin, 3) == "\"a\"");
  REQUIRE(event.usage);
  CHECK(event.usage->output_tokens == 7);
}
