#include <stdexcept>

#include "support/routing_world.h"

using namespace airouter;
using namespace airouter::testing;
using namespace std::chrono_literals;

namespace {

Script limited(const std::string& retry_after = {}) {
  Headers headers{{"content-type", "application/json"}};
  if (!retry_after.empty()) headers.push_back({"retry-after", retry_after});
  return answer(429, R"({"error":{"message":"slow down"}})", headers);
}

}  // namespace

TEST_CASE("a cooldown that ends within two seconds is waited for", "[cooling]") {
  RoutingWorld world(1);
  world.transport->add("a.test", limited("2"));
  world.transport->add("a.test", completion("hello"));
  world.run();
  const TimePoint before = world.clock->now();
  CHECK(world.run().events == "committed a, end");
  CHECK(world.clock->now() - before == 2s);
}

TEST_CASE("waiting can be left and taken up again", "[cooling]") {
  RoutingWorld world(1);
  world.transport->add("a.test", limited("2"));
  world.transport->add("a.test", completion("hello"));
  world.run();
  Call call = world.router().open(RoutingWorld::request());
  CHECK(call.next(world.clock->now() + 500ms) == Call::Event::idle);
  CHECK(call.next(world.clock->now() + 500ms) == Call::Event::idle);
  CHECK(call.next(world.clock->now() + 2s) == Call::Event::committed);
}

TEST_CASE("with everything cooling, one last resort per five seconds is tried", "[cooling]") {
  RoutingWorld world(1);
  world.transport->add("a.test", limited());
  world.run();
  const auto tried = world.run();
  CHECK(tried.summary == "try a/gpt-4 -> 429, model cooling 60 s (probe) (last resort)");
  const auto refused = world.run();
  CHECK(refused.error.code == ErrorCode::no_provider);
  CHECK(refused.error.http_status == 429);
  CHECK(refused.error.retry_after == 60s);
  CHECK(refused.error.message == "the only provider for 'gpt-4' is out: a cooling 60 s");
  world.clock->advance(5s);
  world.run();
  CHECK(world.transport->received().size() == 3);
}

TEST_CASE("a last resort that answers closes the breaker", "[cooling]") {
  RoutingWorld world(1);
  world.transport->add("a.test", failure(TransferFailure::connect));
  world.transport->add("a.test", completion("back"));
  world.run();
  CHECK(world.run().events == "committed a, end");
  CHECK(world.router().health()[0].state == HealthState::healthy);
}

TEST_CASE("nobody is tried against an explicit Retry-After", "[cooling]") {
  RoutingWorld world(1);
  world.transport->add("a.test", limited("40"));
  world.run();
  const auto outcome = world.run();
  CHECK(outcome.error.code == ErrorCode::no_provider);
  CHECK(outcome.error.retry_after == 40s);
  CHECK(world.transport->received().size() == 1);
}

TEST_CASE("a call that waits in vain fails within its own total time", "[cooling]") {
  RoutingWorld world(1);
  world.transport->add("a.test", Script().hang());
  CallOptions options;
  options.total = 30s;
  const TimePoint before = world.clock->now();
  const auto outcome = world.run(false, "gpt-4", options);
  CHECK(outcome.error.code == ErrorCode::timeout);
  CHECK(http_status_of(outcome.error) == 504);
  CHECK(world.clock->now() - before == 30s);
  CHECK(world.router().health()[0].state == HealthState::healthy);
}

TEST_CASE("a provider without output is left after its own first_output", "[cooling]") {
  RoutingWorld world(2);
  Timeouts short_ones;
  short_ones.first_output = 20s;
  world.config.providers[0].timeouts = short_ones;
  world.transport->add("a.test", Script().hang());
  world.transport->add("b.test", completion("hello"));
  const TimePoint before = world.clock->now();
  CHECK(world.run().summary == "try a/gpt-4 -> timeout, provider cooling 120 s; try b/gpt-4 -> 200");
  CHECK(world.clock->now() - before == 20s);
}

TEST_CASE("any byte counts as life after the first output", "[cooling]") {
  RoutingWorld world(1);
  Script script;
  script.head(200, {{"content-type", "text/event-stream"}}).body(content_event("Hi"));
  for (int i = 0; i < 5; ++i)
    script.after(100s).body(": thinking\n\n");
  script.body(finish_event() + done_event()).end();
  world.transport->add("a.test", script);
  CHECK(world.run(true).events == "committed a, end");
}

TEST_CASE("third and later attempts are bounded by the retry budget", "[cooling]") {
  RoutingWorld world(6);
  world.config.max_retries = 6;
  const auto hang_on_third = [&](Call& call) {
    while (call.summary().attempts.size() < 3)
      REQUIRE(call.next(world.clock->now()) == Call::Event::idle);
  };
  for (const char* host : {"a.test", "b.test"})
    world.transport->add(host, answer(400, R"({"error":{"code":"model_not_found"}})"));
  for (const char* host : {"c.test", "d.test", "e.test", "f.test"})
    world.transport->add(host, Script().hang());
  std::vector<Call> calls;
  for (int i = 0; i < 3; ++i) {
    world.router().reset_health("a");
    world.router().reset_health("b");
    calls.push_back(world.router().open(RoutingWorld::request()));
    hang_on_third(calls.back());
  }
  world.router().reset_health("a");
  world.router().reset_health("b");
  const auto outcome = world.run();
  CHECK(outcome.events == "failed");
  CHECK(outcome.summary.find("retry_budget") != std::string::npos);
  calls.clear();
}

TEST_CASE("an attempt that cannot begin gives its share of the retry budget back", "[cooling]") {
  struct Unsteady : Transport {
    std::unique_ptr<Exchange> open(const HttpRequest& request) override {
      if (is_broken && request.url.find("c.test") != std::string::npos) throw std::runtime_error("broken");
      return inner->open(request);
    }
    std::shared_ptr<Transport> inner{};
    bool is_broken = true;
  };
  RoutingWorld world(3);
  for (const char* host : {"a.test", "b.test"})
    world.transport->add(host, answer(400, R"({"error":{"code":"model_not_found"}})"));
  world.transport->add("c.test", completion("hello"));
  const auto unsteady = std::make_shared<Unsteady>();
  unsteady->inner = world.transport;
  Router router =
      Router::create(world.config, {.transport = unsteady, .clock = world.clock, .seed = 7}).value();
  for (int i = 0; i < 5; ++i) {
    for (const char* name : {"a", "b"})
      router.reset_health(name);
    unsteady->is_broken = i < 4;
    Call call = router.open(RoutingWorld::request());
    if (unsteady->is_broken) {
      CHECK_THROWS(call.next(TimePoint::max()));
      if (i % 2 == 0) {
        call.cancel();
      } else {
        CHECK(call.next(TimePoint::max()) == Call::Event::failed);
      }
    } else {
      CHECK(world.drain(call).events == "committed c, end");
    }
  }
}
