#include "protocol/answer_judge.h"

#include <fmt/format.h>

#include "protocol/splice.h"
#include "support/catch.h"

using namespace airouter;
using protocol::JudgedAnswer;

namespace {

std::string judged(std::string_view body) {
  const JudgedAnswer answer = protocol::judge_answer(body);
  if (answer.kind == JudgedAnswer::Kind::error) return "error: " + answer.error.message;
  if (answer.kind == JudgedAnswer::Kind::bad) return "bad: " + answer.reason;
  std::string out = "good";
  for (const json::Span place : answer.model_places)
    out += " model " + std::string(body.substr(place.begin, place.end - place.begin));
  if (answer.usage)
    out += fmt::format(" usage {} {}", answer.usage->input_tokens, answer.usage->output_tokens);
  return out;
}

}  // namespace

TEST_CASE("a plain answer is good if it has choices and no error", "[judge]") {
  CHECK(
      judged(R"({"model":"m","choices":[{"index":0}],"usage":{"prompt_tokens":3,"completion_tokens":4}})") ==
      "good model \"m\" usage 3 4");
  CHECK(judged("\n\n  \r\n{\"choices\":[{}],\"error\":null}\n") == "good");
  CHECK(judged(R"({"choices":[{"model":"n"}],"model":"a","mod\u0065l":"b","model":7})") ==
        "good model \"a\" model \"b\"");
  CHECK(judged(R"({"choices":[{}],"usage":null})") == "good");
  CHECK(judged(R"({"choices":[{}],"usage":{"input_tokens":1e1,"output_tokens":-1}})") == "good usage 10 0");
  CHECK(judged(
            R"({"choices":[{}],"usage":{"prompt_tokens":1e300,"completion_tokens":99999999999999999999}})") ==
        "good");
}

TEST_CASE("what is no answer is told apart", "[judge]") {
  CHECK(judged("") == "bad: the answer is empty");
  CHECK(judged(" \n\n") == "bad: the answer is empty");
  CHECK(judged("<html></html>") == "bad: the answer is HTML");
  CHECK(judged("\xEF\xBB\xBF <!doctype html>") == "bad: the answer is HTML");
  CHECK(judged("data: {}\n\n") == "bad: the answer is an event stream, but none was asked for");
  CHECK(judged(": comment\n\ndata: {}\n\n") == "bad: the answer is an event stream, but none was asked for");
  CHECK(judged("[]") == "bad: the answer is not a JSON object");
  CHECK(judged("null") == "bad: the answer is not a JSON object");
  CHECK(judged("{}") == "bad: the answer has no choices");
  CHECK(judged(R"({"choices":[]})") == "bad: the answer has no choices");
  CHECK(judged(R"({"choices":{}})") == "bad: the answer has no choices");
  CHECK(judged(R"({"choices":[null,1]})") == "bad: the answer has no choices");
  CHECK(judged(R"({"a":{"choices":[{}]}})") == "bad: the answer has no choices");
  CHECK(judged(R"({"choices":[{}]} {})").starts_with("bad: the answer is not valid JSON: "));
  CHECK(judged(R"({"choices":[{}],"error":{"message":"m"}})") == "error: m");
  CHECK(judged(R"([{"error":{"message":"m"}}])") == "error: m");
}

TEST_CASE("every cut of an answer is bad", "[judge]") {
  const std::string whole =
      R"({"model":"m","choices":[{"message":{"content":"\u4f60 {\"choices\":[{}]}"}}]})";
  for (std::size_t size = 0; size < whole.size(); ++size)
    CHECK(judged(whole.substr(0, size)).starts_with("bad: "));
  CHECK(judged(whole) == "good model \"m\"");
}

TEST_CASE("a hostile answer is bad and no more", "[judge]") {
  CHECK(judged(std::string(1'000'000, '[')).starts_with("bad: "));
  CHECK(judged("{\"choices\":[{\"a\":" + std::string(600, '[') + std::string(600, ']') + "}]}")
            .starts_with("bad: "));
  CHECK(judged("{\"choices\":[{}],\"a\":\"\xC3\x28\"}").starts_with("bad: "));
  CHECK(judged(std::string("{\"choices\":[{}]}\0", 17)).starts_with("bad: "));
  CHECK(judged("{\"choices\":[{}],\"a\":1.00000000001e-2147483638}") == "good");
  std::string models = "{\"choices\":[{}]";
  for (int i = 0; i < 100'000; ++i)
    models += ",\"model\":\"m\"";
  models += ",\"model\":\"last\"}";
  const JudgedAnswer answer = protocol::judge_answer(models);
  REQUIRE(answer.model_places.size() == 64);
  const std::string spliced = protocol::splice(models, answer.model_places, "\"x\"");
  CHECK(spliced.find("last") == std::string::npos);
}

TEST_CASE("splicing replaces the places and nothing else", "[splice]") {
  const std::vector<json::Span> places = {{1, 3}, {5, 5}, {6, 8}};
  CHECK(protocol::splice("0ab34567", places, "<>") == "0<>34<>5<>");
  CHECK(protocol::splice("abc", {}, "x") == "abc");
  const std::vector<json::Span> wrong = {{1, 2}, {0, 1}, {3, 2}, {2, 9}};
  CHECK(protocol::splice("abc", wrong, "x") == "axc");
}
