#include <chrono>

#include "support/routing_world.h"

using namespace airouter;
using namespace airouter::testing;
using namespace std::chrono_literals;

namespace {

const std::string rate_limit =
    R"({"error":{"message":"Rate limit reached","type":"requests","code":"rate_limit_exceeded"}})";
const std::string server_error = R"({"error":{"message":"The server had an error","type":"server_error"}})";
const Headers json{{"content-type", "application/json"}};

}  // namespace

TEST_CASE("the first provider answers when it is well", "[failover]") {
  RoutingWorld world;
  world.transport->add("a.test", completion("hello"));
  const auto outcome = world.run();
  CHECK(outcome.events == "committed a, end");
  CHECK(outcome.summary == "try a/gpt-4 -> 200");
  CHECK(outcome.data.find("\"content\":\"hello\"") != std::string::npos);
  CHECK(outcome.data.find("\"model\":\"gpt-4\"") != std::string::npos);
}

TEST_CASE("a second provider answers when the first is rate limited", "[failover]") {
  RoutingWorld world;
  world.transport->add("a.test", answer(429, rate_limit));
  world.transport->add("b.test", completion("hello"));
  const auto outcome = world.run();
  CHECK(outcome.events == "committed b, end");
  CHECK(outcome.summary == "try a/gpt-4 -> 429, model cooling 60 s; try b/gpt-4 -> 200");
  CHECK(outcome.head.attempts == 2);
}

TEST_CASE("each provider is tried once, and only as often as is allowed", "[failover]") {
  RoutingWorld world(5);
  for (const char* host : {"a.test", "b.test", "c.test", "d.test", "e.test"})
    world.transport->add(host, answer(429, rate_limit));
  const auto outcome = world.run();
  CHECK(outcome.events == "failed");
  CHECK(world.transport->received().size() == 3);
  CHECK(outcome.error.code == ErrorCode::all_providers_failed);
  CHECK(outcome.error.http_status == 429);
  CHECK(outcome.error.retry_after == 1s);  // two providers are left, and they are well
  CHECK(outcome.error.message.find("3 of 5 providers for 'gpt-4' tried and failed: a 429, b 429, ") == 0);
}

TEST_CASE("a request that is at fault goes to nobody else", "[failover]") {
  RoutingWorld world;
  const std::string body =
      R"({"error":{"message":"maximum context length is 8192 tokens","type":"invalid_request_error","code":"context_length_exceeded"}})";
  world.transport->add("a.test", answer(400, body, json));
  const auto outcome = world.run();
  CHECK(outcome.events == "failed");
  CHECK(outcome.summary == "try a/gpt-4 -> 400");
  CHECK(outcome.error.code == ErrorCode::request_rejected);
  CHECK(outcome.error.http_status == 400);
  CHECK(outcome.error.body == body);
  CHECK(outcome.error.content_type == "application/json");
  CHECK(world.router().explain("gpt-4").skipped.empty());
}

TEST_CASE("a provider whose key is refused stays out until it is reset", "[failover]") {
  RoutingWorld world(1);
  world.transport->add(
      "a.test",
      answer(
          401,
          R"({"error":{"message":"Incorrect API key provided: sk-secret-of-a","code":"invalid_api_key"}})"));
  auto outcome = world.run();
  CHECK(outcome.error.http_status == 503);
  CHECK(outcome.summary == "try a/gpt-4 -> 401, provider disabled until reset");
  world.clock->advance(1000h);
  outcome = world.run();
  CHECK(outcome.error.code == ErrorCode::no_provider);
  CHECK(outcome.error.message == "the only provider for 'gpt-4' is out: a disabled");
  CHECK(world.transport->received().size() == 1);
  world.router().reset_health("a");
  world.transport->add("a.test", completion("back"));
  CHECK(world.run().events == "committed a, end");
}

TEST_CASE("what a provider says never carries its key", "[failover]") {
  RoutingWorld world(1);
  world.transport->add(
      "a.test",
      answer(
          400,
          R"({"error":{"message":"bad header Authorization: Bearer sk-secret-of-a","type":"invalid_request_error"}})"));
  const auto outcome = world.run();
  CHECK(outcome.error.body.find("sk-secret") == std::string::npos);
  CHECK(outcome.error.message.find("sk-secret") == std::string::npos);
  for (const std::string& line : world.observer->lines())
    CHECK(line.find("sk-secret") == std::string::npos);
}

TEST_CASE("everything is told to the observer in order", "[failover]") {
  RoutingWorld world(2);
  world.transport->add("a.test", failure(TransferFailure::connect));
  world.transport->add("b.test", completion("hello"));
  world.run();
  CHECK(world.observer->lines() == std::vector<std::string>{"started gpt-4", "a: healthy -> cooling",
                                                            "try a/gpt-4 -> network, provider cooling 60 s",
                                                            "try b/gpt-4 -> 200", "answered"});
}

TEST_CASE("a shortage of our own ends the call and is no provider's fault", "[failover]") {
  RoutingWorld world(2);
  world.transport->add("a.test", failure(TransferFailure::no_resources));
  const auto outcome = world.run(true);
  CHECK(outcome.summary == "try a/gpt-4 -> cancelled");
  CHECK(outcome.error.code == ErrorCode::overloaded);
  CHECK(outcome.error.retry_after == 1s);
  CHECK(
      world.observer->lines() ==
      std::vector<std::string>{"started gpt-4", "try a/gpt-4 -> cancelled",
                               "failed: memory, descriptors or threads ran out here; try again in a moment"});
}

TEST_CASE("an unknown model dials nobody", "[failover]") {
  RoutingWorld world;
  const auto outcome = world.run(false, "gpt-5");
  CHECK(outcome.error.code == ErrorCode::unknown_model);
  CHECK(http_status_of(outcome.error) == 404);
  CHECK(error_body(outcome.error).find("\"code\":\"model_not_found\"") != std::string::npos);
  CHECK(world.transport->received().empty());
}

TEST_CASE("the same prompt failing everywhere does not black out every provider", "[failover]") {
  RoutingWorld world;
  for (const char* host : {"a.test", "b.test", "c.test"})
    world.transport->add(host, answer(500, server_error));
  const auto outcome = world.run();
  CHECK(outcome.summary ==
        "try a/gpt-4 -> 500, model cooling 5 min; try b/gpt-4 -> 500, model cooling 10 s; try c/gpt-4 -> "
        "500, model "
        "cooling 10 s");
  CHECK(outcome.error.http_status == 502);
  CHECK(outcome.error.message == "all 3 providers for 'gpt-4' failed: a 500, b 500, c 500");
}

TEST_CASE("when somebody answers, every 5xx before cools as the table says", "[failover]") {
  RoutingWorld world;
  world.transport->add("a.test", answer(500, server_error));
  world.transport->add("b.test", answer(503, server_error));
  world.transport->add("c.test", completion("hello"));
  CHECK(
      world.run().summary ==
      "try a/gpt-4 -> 500, model cooling 5 min; try b/gpt-4 -> 503, model cooling 5 min; try c/gpt-4 -> 200");
}

TEST_CASE("the first pick follows the weights", "[failover]") {
  // Chi-squared with one degree of freedom: 10.83 is exceeded by chance once in a thousand seeds.
  RoutingWorld world(2);
  world.config.providers[0].weight = 10;
  world.config.providers[1].weight = 5;
  world.transport->add("a.test", completion("a"));
  world.transport->add("b.test", completion("b"));
  constexpr int calls = 3000;
  int to_a = 0;
  for (int i = 0; i < calls; ++i)
    to_a += world.run().head.provider == "a" ? 1 : 0;
  const double expected_a = calls * 2.0 / 3, expected_b = calls / 3.0;
  const double chi_squared = (to_a - expected_a) * (to_a - expected_a) * (1 / expected_a + 1 / expected_b);
  CHECK(chi_squared < 10.83);
}

TEST_CASE("a running call keeps the config it began with", "[failover]") {
  RoutingWorld world(1);
  world.transport->add("a.test", completion("hello"));
  Call call = world.router().open(RoutingWorld::request());
  REQUIRE(world.router().reload(Config{}));
  CHECK(world.drain(call).events == "committed a, end");
  CHECK(world.run().error.code == ErrorCode::unknown_model);
}

TEST_CASE("a call may outlive its router", "[failover]") {
  auto world = std::make_unique<RoutingWorld>(1);
  world->transport->add("a.test", completion("hello"));
  Call call = world->router().open(RoutingWorld::request());
  const auto clock = world->clock;
  const auto transport = world->transport;  // the router shares it
  world.reset();
  CHECK(call.next(clock->now() + 1h) == Call::Event::committed);
}

TEST_CASE("a whole failover with three scripted providers takes less than a millisecond",
          "[failover][speed]") {
  RoutingWorld world;
  const auto run = [&] {
    world.transport->add("a.test", answer(429, rate_limit));
    world.transport->add("b.test", failure(TransferFailure::reset));
    world.transport->add("c.test", completion("hello"));
    world.router().reset_health("a");
    world.router().reset_health("b");
    const auto start = std::chrono::steady_clock::now();
    REQUIRE(world.run().events == "committed c, end");
    return std::chrono::steady_clock::now() - start;
  };
  auto best = run();
  for (int i = 0; i < 20; ++i)
    best = std::min(best, run());
  CHECK(best < 1ms);
}
