#include "base/text.h"

#include <array>

#include "base/random.h"
#include "support/catch.h"

using namespace airouter;
using namespace std::chrono_literals;

TEST_CASE("a star matches any run of characters", "[text]") {
  CHECK(text::matches_wildcard("*", ""));
  CHECK(text::matches_wildcard("gpt-*", "gpt-4o"));
  CHECK(text::matches_wildcard("*/llama-*-instruct", "meta/llama-3-70b-instruct"));
  CHECK_FALSE(text::matches_wildcard("gpt-*", "xgpt-4"));
  CHECK_FALSE(text::matches_wildcard("gpt-4", "gpt-4o"));
  CHECK_FALSE(text::matches_wildcard(std::string(50, '*') + "a*a*a*a*b", std::string(500, 'a')));
}

TEST_CASE("text for people is valid UTF-8 without controls", "[text]") {
  CHECK(text::printable("a\r\n\x1b[31m\xff") == "a   [31m\xEF\xBF\xBD");
  CHECK(text::is_valid_utf8("额度已用尽"));
  CHECK_FALSE(text::is_valid_utf8("\xC0\x80"));
  CHECK_FALSE(text::is_valid_utf8("\xED\xA0\x80"));
  CHECK(text::shortened("额度已用尽", 10) == "额度…");
  CHECK(text::shortened("short", 10) == "short");
}

TEST_CASE("a misspelt name is recognised", "[text]") {
  constexpr std::array<std::string_view, 3> names{"weight", "timeout", "base_url"};
  CHECK(text::nearest("wieght", names) == "weight");
  CHECK(text::nearest("baseurl", names) == "base_url");
  CHECK(text::nearest("colour", names).empty());
}

TEST_CASE("durations read well", "[text]") {
  CHECK(text::duration(250ms) == "250 ms");
  CHECK(text::duration(1500ms) == "1.5 s");
  CHECK(text::duration(60s) == "60 s");
  CHECK(text::duration(300s) == "5 min");
}

TEST_CASE("replacing a key leaves no trace of it", "[text]") {
  CHECK(text::replaced("key sk-1 and sk-1", "sk-1", "***") == "key *** and ***");
  CHECK(text::replaced("unchanged", "", "***") == "unchanged");
}

TEST_CASE("a seeded generator repeats itself and stays in bounds", "[random]") {
  Random a(7), b(7);
  for (int i = 0; i < 1000; ++i) {
    const std::uint64_t value = a.below(10);
    CHECK(value < 10);
    REQUIRE(value == b.below(10));
  }
}
