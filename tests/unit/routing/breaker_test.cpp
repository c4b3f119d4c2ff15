#include "routing/breaker.h"

#include "support/catch.h"

using namespace airouter;
using namespace std::chrono_literals;
using routing::Breaker;

namespace {

constexpr TimePoint start{1000s};
constexpr Breaker::Trip limited{FailureKind::rate_limited, 60s};

}  // namespace

TEST_CASE("a closed breaker lets everybody in", "[breaker]") {
  Breaker breaker;
  CHECK(breaker.admits(start));
  CHECK_FALSE(breaker.enter().is_probe);
  CHECK(breaker.state(start) == HealthState::healthy);
}

TEST_CASE("a tripped breaker cools by time, then lets exactly one probe in", "[breaker]") {
  Breaker breaker;
  breaker.on_failure(breaker.enter(), limited, start);
  CHECK(breaker.state(start + 59s) == HealthState::cooling);
  CHECK_FALSE(breaker.admits(start + 59s));
  CHECK(breaker.admits(start + 60s));
  const auto probe = breaker.enter();
  CHECK(probe.is_probe);
  CHECK(breaker.state(start + 60s) == HealthState::probing);
  CHECK_FALSE(breaker.admits(start + 60s));
  SECTION("its success closes") {
    breaker.on_success(probe);
    CHECK(breaker.state(start + 60s) == HealthState::healthy);
    CHECK(breaker.failures() == 0);
  }
  SECTION("its failure cools again") {
    breaker.on_failure(probe, limited, start + 60s);
    CHECK(breaker.state(start + 119s) == HealthState::cooling);
    CHECK(breaker.failures() == 2);
  }
  SECTION("its end without a verdict frees the slot") {
    breaker.on_release(probe);
    CHECK(breaker.admits(start + 60s));
    CHECK(breaker.enter().is_probe);
  }
}

TEST_CASE("a deadline only ever moves later", "[breaker]") {
  Breaker breaker;
  const auto first = breaker.enter(), second = breaker.enter();
  breaker.on_failure(first, {FailureKind::server_error, 300s}, start);
  breaker.on_failure(second, {FailureKind::rate_limited, 5s}, start + 1s);
  CHECK(breaker.until() == start + 300s);
}

TEST_CASE("failures of one burst count once, repeated ones grow the cooldown", "[breaker]") {
  const Breaker::Trip growing{FailureKind::server_error, 10s, false, 2.0, 4.0};
  Breaker breaker;
  const auto a = breaker.enter(), b = breaker.enter();
  breaker.on_failure(a, growing, start);
  breaker.on_failure(b, growing, start);
  CHECK(breaker.failures() == 1);
  CHECK(breaker.until() == start + 10s);
  TimePoint now = breaker.until();
  for (const auto expected : {20s, 40s, 40s}) {
    breaker.on_failure(breaker.enter(), growing, now);
    CHECK(breaker.until() - now == expected);
    now = breaker.until();
  }
}

TEST_CASE("a late success does not close what has tripped since", "[breaker]") {
  Breaker breaker;
  const auto early = breaker.enter();
  breaker.on_failure(breaker.enter(), limited, start);
  breaker.on_success(early);
  CHECK(breaker.state(start + 1s) == HealthState::cooling);
}

TEST_CASE("a failure from before a reset counts for nothing", "[breaker]") {
  Breaker breaker;
  const auto early = breaker.enter();
  breaker.on_failure(breaker.enter(), limited, start);
  breaker.reset();
  breaker.on_failure(early, {FailureKind::auth, std::nullopt}, start);
  CHECK(breaker.state(start) == HealthState::healthy);
}

TEST_CASE("a probe's success does not undo what waits for a reset", "[breaker]") {
  Breaker breaker;
  const auto early = breaker.enter();
  breaker.on_failure(breaker.enter(), limited, start);
  const auto probe = breaker.enter();
  breaker.on_failure(early, {FailureKind::auth, std::nullopt}, start + 60s);
  breaker.on_success(probe);
  CHECK(breaker.state(start + 60s) == HealthState::disabled);
}

TEST_CASE("a late release does not free another's probe slot", "[breaker]") {
  Breaker breaker;
  breaker.on_failure(breaker.enter(), limited, start);
  const auto first = breaker.enter();
  breaker.on_failure(first, limited, start + 60s);
  breaker.enter();
  breaker.on_release(first);
  CHECK_FALSE(breaker.admits(start + 500s));
}

TEST_CASE("disabled lasts until a reset", "[breaker]") {
  Breaker breaker;
  breaker.on_failure(breaker.enter(), {FailureKind::auth, std::nullopt}, start);
  CHECK(breaker.state(start + 10'000h) == HealthState::disabled);
  CHECK_FALSE(breaker.admits(start + 10'000h));
  CHECK_FALSE(breaker.admits_last_resort(start));
  breaker.reset();
  CHECK(breaker.admits(start));
}

TEST_CASE("a last resort is refused against a Retry-After and during a probe", "[breaker]") {
  Breaker breaker;
  SECTION("a plain cooldown") {
    breaker.on_failure(breaker.enter(), limited, start);
    CHECK(breaker.admits_last_resort(start));
    breaker.enter();
    CHECK_FALSE(breaker.admits_last_resort(start));
  }
  SECTION("the provider's own wish") {
    breaker.on_failure(breaker.enter(), {FailureKind::server_error, 300s}, start);
    breaker.on_failure(breaker.current(), {FailureKind::rate_limited, 60s, true}, start);
    CHECK_FALSE(breaker.admits_last_resort(start + 59s));
    CHECK(breaker.admits_last_resort(start + 60s));
  }
}
