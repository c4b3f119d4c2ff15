#include "engine/http_date.h"
#include "engine/retry_after.h"
#include "support/catch.h"

using namespace airouter;
using namespace airouter::engine;
using namespace std::chrono;

namespace {

// 1994-11-06 08:49:00
const sys_seconds now = sys_days{year{1994} / November / 6} + hours{8} + minutes{49};

// -1: nothing
std::int64_t waits(const Headers& headers) {
  const auto wait = retry_after(headers, now);
  return wait ? wait->count() : -1;
}

std::int64_t waits(const char* value) {
  return waits(Headers{{"Retry-After", value}});
}

}  // namespace

TEST_CASE("Retry-After in seconds is rounded up and clamped", "[outcome]") {
  CHECK(waits("7") == 7);
  CHECK(waits(" 7 ") == 7);
  CHECK(waits("7.2") == 8);
  CHECK(waits("0") == 1);
  CHECK(waits("0.0001") == 1);
  CHECK(waits("3600") == 3600);
  CHECK(waits("86400") == 3600);
  CHECK(waits("99999999999999999999999999999999") == 3600);
  CHECK(waits("007") == 7);
}

TEST_CASE("Retry-After as a date is understood in all three forms", "[outcome]") {
  CHECK(waits("Sun, 06 Nov 1994 08:49:37 GMT") == 37);
  CHECK(waits("Sunday, 06-Nov-94 08:49:37 GMT") == 37);
  CHECK(waits("Sun Nov  6 08:49:37 1994") == 37);
  CHECK(waits("sun, 06 nov 1994 08:49:37 gmt") == 37);
  CHECK(waits("Sun, 06 Nov 1994 08:00:00 GMT") == 1);
  CHECK(waits("Mon, 07 Nov 1994 08:49:37 GMT") == 3600);
  CHECK(waits("Fri, 31 Dec 9999 23:59:60 GMT") == 3600);
  CHECK(waits("Sat, 01 Jan 0000 00:00:00 GMT") == 1);
}

TEST_CASE("retry-after-ms goes first, and rubbish counts for nothing", "[outcome]") {
  CHECK(waits(Headers{{"retry-after", "9"}, {"Retry-After-Ms", "1500"}}) == 2);
  CHECK(waits(Headers{{"retry-after", "9"}, {"retry-after-ms", "soon"}}) == 9);
  CHECK(waits(Headers{{"retry-after", "soon"}, {"retry-after", "9"}}) == 9);
  CHECK(waits(Headers{{"retry-after-ms", "99999999999"}}) == 3600);
  CHECK(waits(Headers{}) == -1);
  for (const char* rubbish : {"",
                              "soon",
                              "-5",
                              "+5",
                              "1e3",
                              "0x10",
                              "5s",
                              "5,6",
                              ".5",
                              "5.",
                              "1.2.3",
                              "NaN",
                              "Sun, 06 Nov 1994 08:49:37",
                              "Sun, 31 Feb 1994 08:49:37 GMT",
                              "Xyz, 06 Nov 1994 08:49:37 GMT",
                              "Sun, 06 Foo 1994 08:49:37 GMT",
                              "Sun, 06 Nov 1994 24:00:00 GMT",
                              "Sun, 06 Nov 1994 08:60:37 GMT",
                              "Sun, 06 Nov 1994 08:49:61 GMT",
                              "Sun, 06 Nov 1994 08:49:37 UTC",
                              "Sun, -6 Nov 1994 08:49:37 GMT",
                              "Sun, 06 Nov 1994 08:49:37 GMT x",
                              "\xD9\xA7"})
    CHECK(waits(rubbish) == -1);
}

TEST_CASE("a two-digit year is never more than 50 years ahead", "[outcome]") {
  const auto year_of = [](const char* text, int current) {
    const auto date = parse_http_date(text, sys_days{year{current} / January / 1});
    REQUIRE(date);
    return static_cast<int>(year_month_day{floor<days>(*date)}.year());
  };
  CHECK(year_of("Sunday, 06-Nov-94 08:49:37 GMT", 2026) == 1994);
  CHECK(year_of("Sunday, 06-Nov-30 08:49:37 GMT", 2026) == 2030);
  CHECK(year_of("Sunday, 06-Nov-76 08:49:37 GMT", 2026) == 2076);
  CHECK(year_of("Sunday, 06-Nov-77 08:49:37 GMT", 2026) == 1977);
}
