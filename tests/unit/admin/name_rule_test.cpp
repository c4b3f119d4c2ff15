#include "admin/name_rule.h"

#include <string>

#include "support/catch.h"

using airouterd::admin::name_problem;

TEST_CASE("names may be anything that can be read", "[admin][names]") {
  for (const std::string& name :
       {std::string("a/b"), std::string("<img onerror=alert(1)>"), std::string("张三 😀"),
        std::string("'; drop"), std::string("../../etc/passwd"), std::string("é"), std::string("👩‍👧"),
        std::string("שלום"), std::string(128, 'x'), std::string("{}"), std::string("%2F"),
        std::string("\"quoted\"\\")}) {
    CAPTURE(name);
    CHECK_FALSE(name_problem(name));
  }
}

TEST_CASE("names that hide something are refused, and told why", "[admin][names]") {
  const auto told = [](const std::string& name) {
    const auto problem = name_problem(name);
    return problem ? problem->english : "fine";
  };
  CHECK(told("") == "must not be empty");
  CHECK(told(" \t ") == "must not be empty");
  CHECK(told(std::string(10'000, 'x')) == "has 10000 bytes; at most 128 are allowed");
  CHECK(told("\xFF") == "is not UTF-8");
  const auto holds = [](const std::string& code) {
    return "holds " + code + ", which is invisible or changes how the line reads";
  };
  CHECK(told("a\nb") == holds("U+000A"));
  CHECK(told(std::string("a\0b", 3)) == holds("U+0000"));
  CHECK(told("a\x1b[31m") == holds("U+001B"));
  CHECK(told("a\x7F") == holds("U+007F"));
  CHECK(told("a\u0085") == holds("U+0085"));
  CHECK(told("txt.\u202Eexe") == holds("U+202E"));
  CHECK(told("\u200Fa") == holds("U+200F"));
  CHECK(told("a\u2066b") == holds("U+2066"));
  CHECK(told("a\u200Bb") == holds("U+200B"));
  CHECK(told("a\u2028b") == holds("U+2028"));
  CHECK(told("\uFEFFa") == holds("U+FEFF"));
  CHECK(told("a\U000E0041") == holds("U+E0041"));
  CHECK(name_problem("a\u202Eb")->chinese.find("U+202E") != std::string::npos);
}
