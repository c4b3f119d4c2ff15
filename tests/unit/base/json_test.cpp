#include "base/json.h"

#include <algorithm>

#include "support/catch.h"

using namespace airouter;

TEST_CASE("a parsed value knows the bytes it stood in", "[json]") {
  const std::string text = R"( {"a" : [1, "x\u0041"] , "b":{"c":null}, "d" : true } )";
  const json::Parsed parsed = json::parse(text);
  REQUIRE(parsed.value);
  const auto bytes = [&](const json::Value* v) {
    return text.substr(v->span.begin, v->span.end - v->span.begin);
  };
  CHECK(bytes(&*parsed.value) == R"({"a" : [1, "x\u0041"] , "b":{"c":null}, "d" : true })");
  CHECK(bytes(parsed.value->find("a")) == R"([1, "x\u0041"])");
  CHECK(bytes(&parsed.value->find("a")->items[1]) == R"("x\u0041")");
  CHECK(parsed.value->find("a")->items[1].text == "xA");
  CHECK(bytes(parsed.value->find("b")) == R"({"c":null})");
  CHECK(bytes(parsed.value->find("b")->find("c")) == "null");
  CHECK(bytes(parsed.value->find("d")) == "true");
  CHECK(parsed.value->members[1].key_span.begin == text.find("\"b\""));
}

TEST_CASE("comments and a byte order mark do not shift positions", "[json]") {
  const std::string text = "\xEF\xBB\xBF// one: , \n{ /* two */ \"a\" /* : */ : /*,*/ 12 // end\n}";
  const json::Parsed parsed = json::parse(text, {.comments = true});
  REQUIRE(parsed.value);
  CHECK(parsed.value->find("a")->span.begin == text.find("12"));
  CHECK_FALSE(json::parse(text).value);
}

TEST_CASE("numbers stay the text they came as", "[json]") {
  for (const char* number : {"1e2", "-0.10", "123456789012345678901234567890", "1.00000000001e-2147483638"}) {
    const json::Parsed parsed = json::parse(number);
    REQUIRE(parsed.value);
    CHECK(parsed.value->text == number);
  }
}

TEST_CASE("invalid JSON is refused with its place", "[json]") {
  CHECK(json::parse("{\"a\":}").error.offset == 5);
  CHECK_FALSE(json::parse("{} {}").value);
  CHECK_FALSE(json::parse("").value);
  CHECK_FALSE(json::parse(std::string("{}\0", 3)).value);
  CHECK_FALSE(json::parse("\"\xC3\x28\"").value);
  CHECK(json::parse(std::string(513, '[') + std::string(513, ']')).error.message == "nested too deeply");
  CHECK(json::parse(std::string(512, '[') + std::string(512, ']')).value);
}

TEST_CASE("the last of duplicate members counts", "[json]") {
  CHECK(json::parse(R"({"a":1,"a":2})").value->find("a")->text == "2");
  CHECK(json::parse(R"({"a":1,"\u0061":2})").value->members.size() == 2);
}

TEST_CASE("written JSON is valid whatever the bytes", "[json]") {
  CHECK(json::quote("a\"\n\x01\xFF\xE4\xBD\x99") == "\"a\\\"\\n\\u0001\xEF\xBF\xBD\xE4\xBD\x99\"");
  json::Writer writer;
  writer.begin_object().key("n").integer(-3).key("d").number(0.5).key("list").begin_array().null().boolean(
      true);
  writer.raw("{\"x\":1}").end_array().end_object();
  CHECK(writer.text() == R"({"n":-3,"d":0.5,"list":[null,true,{"x":1}]})");
}

TEST_CASE("numbers convert only where they fit", "[json]") {
  CHECK(json::to_integer("42") == 42);
  CHECK_FALSE(json::to_integer("4.5"));
  CHECK_FALSE(json::to_integer("99999999999999999999"));
  CHECK(json::to_double("2.5") == 2.5);
  CHECK_FALSE(json::to_double("1e999"));
}

TEST_CASE("valid JSON that RapidJSON refuses is read all the same", "[json]") {
  const std::string text =
      R"({"a":"\ud800x","b":"\udc00","c":"\ud83d\ude00","d":1e400,"e":"\\ud800 1e999","f":-2.5E-99999})";
  const json::Parsed parsed = json::parse(text);
  REQUIRE(parsed.value);
  CHECK(parsed.value->find("a")->text == "\xEF\xBF\xBDx");
  CHECK(parsed.value->find("b")->text == "\xEF\xBF\xBD");
  CHECK(parsed.value->find("c")->text == "\xF0\x9F\x98\x80");
  CHECK(parsed.value->find("d")->text == "1e400");
  CHECK(parsed.value->find("e")->text == "\\ud800 1e999");
  CHECK(parsed.value->find("f")->text == "-2.5E-99999");
  CHECK(text.substr(parsed.value->find("d")->span.begin, 5) == "1e400");
  CHECK_FALSE(json::parse("[1e]").value);
  CHECK_FALSE(json::parse("[\"\\ud80\"]").value);
}

TEST_CASE("a control byte in a string is refused wherever it stands", "[json]") {
  for (int control = 0; control < 0x20; ++control) {
    for (std::size_t before = 0; before < 40; ++before) {
      const std::string string = "\"" + std::string(before, 'a') + static_cast<char>(control) + "b\"";
      INFO(control << " after " << before);
      CHECK_FALSE(json::parse("{\"key\":" + string + "}").value);
      CHECK_FALSE(json::parse("{" + string + ":1}").value);
      CHECK_FALSE(json::parse(string, {.comments = true}).value);
    }
  }
}

TEST_CASE("a string is read to its own end, wherever its escapes stand", "[json]") {
  const std::pair<std::string, std::string> escapes[] = {
      {"\\\"", "\""}, {"\\\\", "\\"}, {"\\ud800", "\xEF\xBF\xBD"}, {"\\ud83d\\ude00", "\xF0\x9F\x98\x80"}};
  for (const auto& [escape, meaning] : escapes) {
    for (std::size_t before = 0; before < 20; ++before) {
      for (std::size_t behind = 0; behind < 20; ++behind) {
        const std::string a(before, 'a'), b(behind, 'b');
        INFO(a << escape << b);
        const json::Parsed parsed =
            json::parse("[\"" + a + escape + b + "\",\"" + escape + "x\\udc00\",1e999]");
        REQUIRE(parsed.value);
        CHECK(parsed.value->items.at(0).text == a + meaning + b);
        CHECK(parsed.value->items.at(1).text == meaning + "x\xEF\xBF\xBD");
        CHECK(parsed.value->items.at(2).text == "1e999");
        CHECK_FALSE(json::parse("[\"" + a + escape + b + "\x1F\"]").value);
      }
    }
  }
}

TEST_CASE("a control byte is escaped wherever it stands", "[json]") {
  for (int control = 0; control < 0x20; ++control) {
    for (std::size_t before = 0; before < 40; ++before) {
      const std::string text = std::string(before, 'a') + static_cast<char>(control) + "b";
      const std::string quoted = json::quote(text);
      INFO(control << " after " << before);
      CHECK(std::none_of(quoted.begin(), quoted.end(), [](char c) { return c >= 0 && c < 0x20; }));
      const json::Parsed parsed = json::parse(quoted);
      REQUIRE(parsed.value);
      CHECK(parsed.value->text == text);
    }
  }
}

TEST_CASE("numbers of any length are read, and stay as they came", "[json]") {
  const std::string digits(400, '9');
  for (const std::string& number : {digits, "-" + digits, digits + ".5", digits + ".5e99", "0." + digits,
                                    digits + "." + digits + "E-12345", "1" + std::string(308, '0')}) {
    const json::Parsed parsed = json::parse("[" + number + ",2]");
    INFO(number);
    REQUIRE(parsed.value);
    CHECK(parsed.value->items.at(0).text == number);
    CHECK(parsed.value->items.at(1).text == "2");
  }
  for (const std::string& text : {"0" + digits, digits + ".", digits + "..5", digits + ".5.5", "." + digits,
                                  digits + " 1", "1e+-" + digits, "+" + digits}) {
    INFO(text);
    CHECK_FALSE(json::parse("[" + text + "]").value);
  }
}
