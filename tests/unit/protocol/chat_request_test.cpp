#include <fmt/format.h>

#include <airouter/call.h>

#include "support/catch.h"

using namespace airouter;

namespace {

std::string parsed(std::string body) {
  const Result<ChatRequest> request = ChatRequest::parse(std::move(body));
  if (request) return request->model() + (request->is_stream() ? " streamed" : "");
  CHECK(request.error().code == ErrorCode::invalid_request);
  return request.error().message;
}

}  // namespace

TEST_CASE("a request tells its model, and streams only if it says true", "[chat_request]") {
  CHECK(parsed(R"({"model":"m"})") == "m");
  CHECK(parsed(R"({"model":"m","stream":true})") == "m streamed");
  for (const char* stream : {"false", "null", "1", "\"true\"", "{\"stream\":true}", "[true]"})
    CHECK(parsed(fmt::format(R"({{"stream":{},"model":"m"}})", stream)) == "m");
  CHECK(parsed(R"({"messages":[{"model":"n","stream":true}],"model":"m"})") == "m");
  CHECK(parsed(R"({"mod\u0065l":"m\u002f1","str\u0065am":true})") == "m/1 streamed");
  CHECK(parsed(R"({"model":"m","model":"\u006d","stream":true,"stream":true})") == "m streamed");
  CHECK(parsed("{\"model\":\"" + std::string(512, 'm') + "\"}") == std::string(512, 'm'));
}

TEST_CASE("an unusable model or a contradiction is named", "[chat_request]") {
  const std::string must_name = "`model` must be a string that names a model.";
  CHECK(parsed("{}") == "`model` is missing: it must name the model to ask.");
  for (const char* model : {"null", "1", "[]", "{}", "{\"model\":\"m\"}", "[\"m\"]", "true"}) {
    CHECK(parsed(fmt::format(R"({{"model":{}}})", model)) == must_name);
    CHECK(parsed(fmt::format(R"({{"model":"m","model":{}}})", model)) == must_name);
    CHECK(parsed(fmt::format(R"({{"model":{},"model":"m"}})", model)) == must_name);
  }
  CHECK(parsed(R"({"model":""})") == "`model` is empty: it must name the model to ask.");
  CHECK(parsed(R"({"model":"  "})") == "`model` is empty: it must name the model to ask.");
  CHECK(parsed("{\"model\":\"" + std::string(513, 'm') + "\"}") == "`model` is longer than 512 bytes.");
  CHECK(parsed(R"({"model":"a\u0000b"})") == "`model` holds control characters.");
  CHECK(parsed(R"({"model":"a\r\nb"})") == "`model` holds control characters.");
  CHECK(parsed(R"({"model":"a","mod\u0065l":"b"})") ==
        "`model` is given more than once, with different values.");
  CHECK(parsed(R"({"model":"a","model":""})") == "`model` is given more than once, with different values.");
  CHECK(parsed(R"({"model":"a","stream":true,"stream":false})") ==
        "`stream` is given more than once, with different values.");
  CHECK(parsed(R"({"model":"a","stream":true,"stream":{}})") ==
        "`stream` is given more than once, with different values.");
  std::string many = "{\"model\":\"m\"";
  for (int i = 0; i < 100'000; ++i)
    many += ",\"model\":\"m\"";
  CHECK(parsed(many + "}") == "`model` or `stream` is given more than 16 times.");
}

TEST_CASE("broken JSON is named with its place and without its content", "[chat_request]") {
  CHECK(parsed("{\n  \"model\": \"secret\",\n  \"a\": }") ==
        "The request body is not valid JSON: invalid value at line 3, column 8 (byte 30).");
  CHECK(parsed("") == "The request body is empty; it must be a JSON object.");
  CHECK(parsed(" \r\n") == "The request body is empty; it must be a JSON object.");
  CHECK(parsed("\xEF\xBB\xBF{\"model\":\"m\"}") ==
        "The request body begins with a byte order mark; JSON must not.");
  for (const char* body : {"[]", "null", "\"model\"", "12", "[{\"model\":\"m\"}]"})
    CHECK(parsed(body) == "The request body must be a JSON object.");
  for (const std::string& body :
       {std::string("{\"model\":\"m\"} x"), std::string("{'model':'m'}"), std::string("{\"model\":\"m\",}"),
        std::string("{\"model\":\"m\",\"a\":\"\xFF\"}"), std::string("{\"model\":\"m\"}\0", 14),
        std::string("model=m"), std::string("{\"model\":\"m\",\"a\":NaN}"),
        std::string("{\"model\":\"m\",\"a\":\"\n\"}"), std::string(1'000'000, '['),
        "{\"model\":\"m\",\"a\":" + std::string(512, '[') + std::string(512, ']') + "}"}) {
    CHECK(parsed(body).starts_with("The request body is not valid JSON: "));
    CHECK(parsed(body).size() < 200);
  }
  CHECK(parsed("{\"model\":\"m\",\"a\":" + std::string(511, '[') + std::string(511, ']') + "}") == "m");
}

TEST_CASE("the body is passed on byte for byte but for the model", "[chat_request]") {
  const std::string body =
      "{ \"n\" : 12345678901234567890123, \"e\":1e2,\t\"model\" :\"a\" , \"u\":\"\\u2028\\udc00\", "
      "\"x\":{\"model\":\"a\"},\r\n "
      "\"mod\\u0065l\":\"\\u0061\"}";
  const Result<ChatRequest> request = ChatRequest::parse(body, {{"x", "y"}});
  REQUIRE(request);
  CHECK(request->body() == body);
  CHECK(request->headers().size() == 1);
  CHECK(request->body_for("b\"\n") ==
        "{ \"n\" : 12345678901234567890123, \"e\":1e2,\t\"model\" :\"b\\\"\\n\" , \"u\":\"\\u2028\\udc00\", "
        "\"x\":{\"model\":\"a\"},\r\n \"mod\\u0065l\":\"b\\\"\\n\"}");
  CHECK(ChatRequest::parse(request->body_for("c"))->model() == "c");
}

TEST_CASE("every cut of a request is refused", "[chat_request]") {
  const std::string body = R"({"model":"m","messages":[{"role":"user","content":"\u4f60 }"}],"stream":true})";
  for (std::size_t size = 0; size < body.size(); ++size)
    CHECK_FALSE(ChatRequest::parse(body.substr(0, size)));
}

TEST_CASE("a request of twenty megabytes is parsed whole", "[chat_request]") {
  const std::string picture(20'000'000, 'A');
  CHECK(parsed("{\"messages\":[{\"content\":\"data:" + picture + "\"}],\"model\":\"m\"}") == "m");
}
