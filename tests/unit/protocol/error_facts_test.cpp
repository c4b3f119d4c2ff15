#include "protocol/error_facts.h"

#include <fmt/format.h>

#include "support/catch.h"

using namespace airouter;

namespace {

std::string facts_of(std::string_view body) {
  const protocol::ErrorFacts facts = protocol::read_error(body);
  if (!facts.is_error) return "no error";
  return fmt::format("{}|{}|{}|{}{}", facts.code, facts.type, facts.message, facts.status,
                     facts.is_moderation ? "|moderation" : "");
}

}  // namespace

TEST_CASE("an error is read from each of its spellings", "[facts]") {
  CHECK(facts_of(R"({"error":{"code":"c","type":"t","message":"m","param":null}})") == "c|t|m|0");
  CHECK(facts_of(R"({"error":{"code":429,"message":"m"}})") == "429||m|429");
  CHECK(facts_of(R"({"error":{"code":"503","message":"m"}})") == "503||m|503");
  CHECK(facts_of(R"({"error":{"code":1113,"message":"m"}})") == "1113||m|0");
  CHECK(facts_of(R"({"error":"text"})") == "||text|0");
  CHECK(facts_of(R"({"error":"a_code","message":"m"})") == "a_code||m|0");
  CHECK(facts_of(R"({"error":true,"message":"m","code":"c"})") == "c||m|0");
  CHECK(facts_of(R"([{"error":{"code":503,"status":"UNAVAILABLE","message":"m"}}])") ==
        "503|UNAVAILABLE|m|503");
  CHECK(facts_of(R"({"error":{"code":400,"status":"S","details":[{"reason":"API_KEY_INVALID"}]}})") ==
        "API_KEY_INVALID|S||400");
  CHECK(facts_of(R"({"detail":"Not Found"})") == "||Not Found|0");
  CHECK(facts_of(R"({"detail":[{"loc":["body"],"msg":"m","type":"t"}]})") == "||m|0");
  CHECK(facts_of(R"({"message":"m","code":20012,"data":null})") == "20012||m|0");
  CHECK(facts_of(R"({"statusCode":401,"message":"m"})") == "||m|401");
  CHECK(facts_of(R"({"success":false,"message":"m"})") == "||m|0");
  CHECK(facts_of(R"({"success":false,"errors":[{"code":7009,"message":"m"}],"messages":[]})") == "7009||m|0");
  CHECK(facts_of(R"({"object":"error","message":"m","type":"t","code":404})") == "404|t|m|404");
  CHECK(facts_of(R"({"type":"error","error":{"type":"overloaded_error","message":"m"}})") ==
        "|overloaded_error|m|0");
  CHECK(facts_of(R"({"status":404,"error":"Not Found","path":"/x"})") == "||Not Found|404");
  CHECK(facts_of(R"({"error":{"code":403,"message":"m","metadata":{"reasons":["x"]}}})") ==
        "403||m|403|moderation");
  CHECK(facts_of(R"({"error":{"message":"m","metadata":{"flagged_input":"x"}}})") == "||m|0|moderation");
  CHECK(facts_of(R"({"error":{"foo":{"bar":1}}})") == "|||0");
}

TEST_CASE("an error that says nothing is none", "[facts]") {
  for (const char* body : {R"({"error":null,"choices":[]})",
                           R"({"error":null})",
                           R"({"error":false})",
                           R"({"error":""})",
                           R"({"error":{}})",
                           R"({"error":{"message":"","type":"","param":"","code":null}})",
                           R"({"success":true})",
                           R"({"choices":[{}],"message":"hello","detail":"more"})",
                           R"({"id":"x"})",
                           R"({"metadata":{"error":"x"}})",
                           R"({"error.message":"x"})",
                           R"({"a":{"error":{"message":"x"}}})",
                           R"({"code":0,"message":"success"})",
                           R"({"type":"message_start","message":{"id":"x"}})",
                           "[]",
                           "null",
                           "1",
                           "\"error\"",
                           "",
                           "<html>",
                           "{",
                           R"({"error":{"message":"cut short)"})
    CHECK(facts_of(body) == "no error");
}

TEST_CASE("hostile errors are read in bounded memory", "[facts]") {
  const std::string long_text(1'000'000, 'x');
  CHECK(protocol::read_error("{\"error\":{\"message\":\"" + long_text + "\"}}").message.size() <= 4096);
  CHECK(protocol::read_error("{\"error\":{\"code\":\"" + long_text + "\"}}").code.size() <= 4096);
  CHECK(facts_of("{\"" + long_text + "\":1,\"error\":\"m\"}") == "||m|0");
  CHECK(facts_of(std::string(1'000'000, '[')) == "no error");
  CHECK(facts_of("{\"error\":" + std::string(600, '[') + std::string(600, ']') + "}") == "no error");
  CHECK(facts_of("{\"error\":{\"code\":1" + std::string(200, '0') + "}}").size() == 201 + 4);
  CHECK(protocol::read_error(R"({"error":{"message":"\uDC00"}})").message == "\xEF\xBF\xBD");
  CHECK(facts_of("{\"error\":{\"message\":\"\xE4\xBD\"}}") == "no error");
  CHECK(facts_of(R"({"error":{"message":"first","message":"second"}})") == "||first|0");
  CHECK(facts_of(R"({"error":null,"error":{"message":"m"}})") == "||m|0");
  CHECK(facts_of(R"({"error":{"message":"m"},"error":null})") == "||m|0");
}
