#include "demo/picture.h"

#include "support/catch.h"

using namespace airouter;
using namespace std::chrono_literals;

TEST_CASE("a call is drawn as a line per attempt on one time axis", "[picture]") {
  CallSummary call;
  call.total = 400ms;
  Attempt first;
  first.provider = "A";
  first.http_status = 429;
  first.failure = FailureKind::rate_limited;
  first.total = 100ms;
  first.effect = "model cooling 60 s";
  Attempt second;
  second.provider = "Site_B";
  second.http_status = 200;
  second.started = 100ms;
  second.first_output = 100ms;
  second.total = 300ms;
  call.attempts = {first, second};
  CHECK(airouterd::demo::picture_of(call) ==
        "  1 A       ✕ ░░░░░░░░                            100 ms  429 rate limited  model cooling 60 s\n"
        "  2 Site_B  ●         ░░░░░░░░████████████████    300 ms  answered\n");
}

TEST_CASE("a picture of nothing is empty, and odd times do not break it", "[picture]") {
  CHECK(airouterd::demo::picture_of({}).empty());
  CallSummary call;
  Attempt attempt;
  attempt.provider = "A";
  attempt.started = 5s;
  attempt.total = 1h;
  attempt.first_output = 2h;
  call.attempts = {attempt};
  CHECK(airouterd::demo::picture_of(call).find("A") != std::string::npos);
}
