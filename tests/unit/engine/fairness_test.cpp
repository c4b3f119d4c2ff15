// What a call may conclude, and what it must not: who is blamed, what the client is told, what is remembered.
#include "base/limits.h"
#include "support/routing_world.h"

using namespace airouter;
using namespace airouter::testing;
using namespace std::chrono_literals;

namespace {

const Headers json{{"content-type", "application/json"}};
const Headers events{{"content-type", "text/event-stream"}};
const std::string missing =
    R"({"error":{"message":"The model `gpt-4` does not exist","code":"model_not_found"}})";

// A network on which the first wait of each exchange lasts this much longer than it should, as when the
// process is stopped meanwhile.
class PausingTransport final : public Transport {
 public:
  PausingTransport(const RoutingWorld& world, std::chrono::seconds pause)
      : inner_(world.transport), clock_(world.clock), pause_(pause) {}

  std::unique_ptr<Exchange> open(const HttpRequest& request) override {
    return std::make_unique<PausingExchange>(*this, inner_->open(request));
  }

 private:
  class PausingExchange final : public Exchange {
   public:
    PausingExchange(const PausingTransport& parent, std::unique_ptr<Exchange> inner)
        : parent_(parent), inner_(std::move(inner)) {}
    Event wait(TimePoint until, const Interrupt* interrupt) override {
      const Event event = inner_->wait(until, interrupt);
      if (!std::exchange(has_paused_, true)) parent_.clock_->advance(parent_.pause_);
      return event;
    }
    const HttpHead& head() const override { return inner_->head(); }
    std::string_view body() const override { return inner_->body(); }
    TransferFailure failure() const override { return inner_->failure(); }

   private:
    const PausingTransport& parent_;
    std::unique_ptr<Exchange> inner_;
    bool has_paused_ = false;
  };

  const std::shared_ptr<ScriptedTransport> inner_;
  const std::shared_ptr<FakeClock> clock_;
  const std::chrono::seconds pause_;
};

}  // namespace

TEST_CASE("time in which this process did not run is not held against a provider", "[fairness]") {
  const auto [pause, summary] = GENERATE(table<std::chrono::seconds, std::string>(
      {{60s, "try a/gpt-4 -> 200"}, {0s, "try a/gpt-4 -> timeout, provider cooling 120 s"}}));
  RoutingWorld world(1);
  world.transport->add("a.test", Script()
                                     .after(200s)
                                     .head(200, events)
                                     .body(content_event("Hi"))
                                     .body(finish_event() + done_event())
                                     .end());
  RouterOptions options;
  options.clock = world.clock;
  options.transport = std::make_shared<PausingTransport>(world, pause);
  auto router = Router::create(world.config, options);
  REQUIRE(router);
  Call call = router->open(RoutingWorld::request(true), {});
  CHECK(world.drain(call).summary == summary);
}

TEST_CASE("a caller who was away does not make a provider late", "[fairness]") {
  RoutingWorld world(1);
  world.transport->add("a.test", Script()
                                     .head(200, events)
                                     .body(content_event("Hel"))
                                     .after(1s)
                                     .body(content_event("lo"))
                                     .body(finish_event() + done_event())
                                     .end());
  Call call = world.router().open(RoutingWorld::request(true));
  REQUIRE(call.next(world.clock->now() + 1s) == Call::Event::committed);
  REQUIRE(call.next(world.clock->now()) == Call::Event::data);
  world.clock->advance(500s);
  CHECK(world.drain(call).events == "end");
}

TEST_CASE("a stream whose reader is away again and again for longer than its clock is not cut",
          "[fairness]") {
  RoutingWorld world(1);
  constexpr int pieces = 40;
  Script script;
  script.head(200, events);
  for (int i = 0; i < pieces; ++i)
    script.after(10s).body(content_event("a"));
  world.transport->add("a.test", script.body(finish_event() + done_event()).end());
  CallOptions options;
  options.total = 24h;
  Call call = world.router().open(RoutingWorld::request(true), options);
  REQUIRE(call.next(world.clock->now() + 60s) == Call::Event::committed);
  for (int i = 0; i < pieces; ++i) {
    CHECK(call.next(world.clock->now() + 60s) == Call::Event::data);
    world.clock->advance(500s);
  }
  CHECK(world.drain(call).events == "end");
}

TEST_CASE("while a caller is away a provider may be waiting for this side, unless it only ever looks in",
          "[fairness]") {
  RoutingWorld world(2);
  Call call = world.router().open(RoutingWorld::request(true));
  SECTION("once") {
    world.transport->add("a.test", Script()
                                       .after(550s)
                                       .head(200, events)
                                       .body(content_event("Hi") + finish_event() + done_event())
                                       .end());
    REQUIRE(call.next(world.clock->now()) == Call::Event::idle);
    world.clock->advance(500s);
    CHECK(world.drain(call).events == "committed a, end");
  }
  SECTION("for ever") {
    world.transport->add("a.test", Script().hang());
    world.transport->add("b.test", completion("Hi"));
    int looks = 0;
    for (; call.next(world.clock->now()) == Call::Event::idle; ++looks)
      world.clock->advance(2s);
    CHECK((looks > 60 && looks < 100));
    CHECK(call.head().provider == "b");
  }
}

TEST_CASE("a call may be asked for what there is, however long ago", "[fairness]") {
  RoutingWorld world(1);
  world.transport->add("a.test", Script().hang());
  Call call = world.router().open(RoutingWorld::request());
  const TimePoint before = world.clock->now();
  CHECK(call.next(TimePoint::min()) == Call::Event::idle);
  CHECK(world.clock->now() == before);
}

TEST_CASE("of an error in a success no more is kept than of any other", "[fairness]") {
  RoutingWorld world(1);
  const auto told = [&](std::size_t bytes) {
    world.transport->add("a.test", answer(200,
                                          R"({"error":{"code":"content_filter","message":"no"},"pad":")" +
                                              std::string(bytes, 'x') + R"("})",
                                          json));
    return world.run().error;
  };
  CHECK(told(1'000).body.size() > 1'000);
  CHECK(told(limits::error_body_bytes_max).body.empty());
  CHECK(told(limits::error_body_bytes_max).message == "no");
}

TEST_CASE("an error body that never ends does not keep the next provider waiting", "[fairness]") {
  RoutingWorld world(2);
  Script script;
  script.head(500, json);
  SECTION("trickling") {
    for (int i = 0; i < 100; ++i)
      script.after(1s).body(" ");
  }
  SECTION("without a bound") {
    for (int i = 0; i < 100; ++i)
      script.body(std::string(10'000, ' '));
    script.hang();
  }
  world.transport->add("a.test", script);
  world.transport->add("b.test", completion("hello"));
  const TimePoint before = world.clock->now();
  CHECK(world.run().events == "committed b, end");
  CHECK(world.clock->now() - before <= 6s);
}

TEST_CASE("blanks by the byte cost no more than their number", "[fairness]") {
  RoutingWorld world(2);
  Script script;
  script.head(200, json);
  for (int i = 0; i < 200'000; ++i)
    script.body(" ");
  script.body(R"({"choices":[{"index":0,"message":{"content":"hello"},"finish_reason":"stop"}]})").end();
  world.transport->add("a.test", script);
  CHECK(world.run(true).events == "committed a, end");
}

TEST_CASE("a model is unknown only if every provider says so", "[fairness]") {
  RoutingWorld world(4);
  for (const char* host : {"a.test", "b.test", "c.test"})
    world.transport->add(host, answer(404, missing, json));
  SECTION("somebody was not asked") {
    // The fourth is as likely to be asked as the third.
    world.transport->add("d.test", answer(404, missing, json));
    const auto outcome = world.run();
    CHECK(outcome.error.code == ErrorCode::all_providers_failed);
    CHECK(outcome.error.http_status == 503);
    CHECK(outcome.error.retry_after == 1s);
  }
  SECTION("everybody was asked, and stays asked") {
    world.config.providers.pop_back();
    CHECK(http_status_of(world.run().error) == 404);
    const auto again = world.run();
    CHECK(again.error.code == ErrorCode::unknown_model);
    CHECK(world.transport->received().size() == 3);
  }
}

TEST_CASE("mixed failures are told by the one that says most", "[fairness]") {
  RoutingWorld world(2);
  SECTION("a rate limit among others is not everybody's") {
    world.transport->add("a.test", answer(503, "{}", json));
    world.transport->add("b.test", answer(429, "{}", json));
    CHECK(world.run().error.http_status == 503);
  }
  SECTION("the status an error within a success names") {
    world.transport->add("a.test", answer(200, R"({"error":{"message":"busy","code":504}})", json));
    world.transport->add("b.test", answer(200, R"({"error":{"message":"busy","code":504}})", json));
    CHECK(world.run().error.http_status == 504);
  }
}

TEST_CASE("a key in disguise does not reach the client", "[fairness]") {
  RoutingWorld world(1);
  world.config.providers[0].api_key = Secret("sk-ab/cd+secret");
  world.transport->add(
      "a.test",
      answer(400, R"({"error":{"message":"bad key sk-ab\/cd\u002bsecret","type":"invalid_request_error"}})",
             json));
  const auto outcome = world.run();
  CHECK(outcome.error.http_status == 400);
  CHECK(outcome.error.body.empty());
  CHECK(error_body(outcome.error).find("secret") == std::string::npos);
}

TEST_CASE("a key that is a word is no secret", "[fairness]") {
  RoutingWorld world(1);
  world.config.providers[0].api_key = Secret("ollama");
  const std::string body = R"({"error":{"message":"see the ollama manual","type":"invalid_request_error"}})";
  world.transport->add("a.test", answer(400, body, json));
  CHECK(world.run().error.body == body);
}

TEST_CASE("effects tell what was applied, not what was wished", "[fairness]") {
  SECTION("repeated failures grow") {
    RoutingWorld world(1);
    world.config.cooldown.multiplier = 2;
    world.config.cooldown.multiplier_max = 8;
    world.transport->add("a.test", answer(429, "{}", json));
    CHECK(world.run().summary == "try a/gpt-4 -> 429, model cooling 60 s");
    world.clock->advance(60s);
    CHECK(world.run().summary == "try a/gpt-4 -> 429, model cooling 120 s (probe)");
  }
  SECTION("a star's model cools") {
    RoutingWorld world(1);
    world.config.providers[0].supported_models = {"*"};
    world.transport->add("a.test", answer(404, missing, json));
    CHECK(world.run().summary == "try a/gpt-4 -> 404, model cooling 60 s");
  }
}

TEST_CASE("names that only a star admits cool after a reload and an edited key, too", "[fairness]") {
  RoutingWorld world(1);
  world.transport->add("a.test", answer(500, "{}", json));
  world.run();
  world.config.providers[0].supported_models = {"*"};
  REQUIRE(world.router().reload(world.config));
  world.clock->advance(400s);
  world.transport->add("a.test", completion("back"));
  world.run();
  world.transport->add("a.test", answer(500, "{}", json));
  for (int i = 0; i < 3; ++i) {
    CHECK(world.run(false, "other-" + std::to_string(i)).summary.ends_with("-> 500, model cooling 5 min"));
    world.config.providers[0].api_key = Secret("sk-edited-" + std::to_string(i));
    REQUIRE(world.router().reload(world.config));
  }
}

TEST_CASE("a call may be given for ever", "[fairness]") {
  RoutingWorld world(1);
  world.transport->add("a.test", completion("hello"));
  CallOptions options;
  options.total = std::chrono::milliseconds::max();
  CHECK(world.run(false, "gpt-4", options).events == "committed a, end");
}

TEST_CASE("the last resort is not used up by a call that finds nobody to try", "[fairness]") {
  RoutingWorld world(1);
  world.transport->add("a.test", answer(429, "{}", {{"retry-after", "30"}}));
  world.run();
  CHECK(world.run().error.code == ErrorCode::no_provider);
  world.router().reset_health("a");
  world.transport->add("a.test", failure(TransferFailure::connect));
  world.run();
  CHECK(world.run().summary.find("(last resort)") != std::string::npos);
}

TEST_CASE("a stream that said everything but does not end is ended soon", "[fairness]") {
  RoutingWorld world(1);
  Script script;
  script.head(200, events).body(content_event("Hi") + finish_event());
  CallOptions options;
  std::chrono::milliseconds at_most = 6s;
  SECTION("silence") {
    script.hang();
  }
  SECTION("comments for ever") {
    for (int i = 0; i < 100; ++i)
      script.after(1s).body(": still here\n\n");
  }
  SECTION("events that say nothing, for ever") {
    for (int i = 0; i < 100; ++i)
      script.after(1s).body(role_event());
  }
  SECTION("the call's time ends before") {
    options.total = at_most = 3s;
    script.hang();
  }
  world.transport->add("a.test", script);
  const TimePoint before = world.clock->now();
  const auto outcome = world.run(true, "gpt-4", options);
  CHECK(outcome.events == "committed a, end");
  CHECK(outcome.data.ends_with("data: [DONE]\n\n"));
  CHECK(outcome.summary == "try a/gpt-4 -> 200");
  CHECK(world.clock->now() - before < at_most + 100ms);
}

TEST_CASE("a stream whose every event has a finish reason is not cut while it says more", "[fairness]") {
  RoutingWorld world(1);
  Script script;
  script.head(200, events);
  for (int i = 0; i < 20; ++i)
    script.after(1s).body(content_event("word ") + finish_event());
  world.transport->add("a.test", script.body(done_event()).end());
  const auto outcome = world.run(true);
  CHECK(outcome.events == "committed a, end");
  std::size_t words = 0;
  for (auto at = outcome.data.find("word "); at != std::string::npos; at = outcome.data.find("word ", at + 1))
    ++words;
  CHECK(words == 20);
}

TEST_CASE("who has said more after a finish reason may think longer, and its answer still ends well",
          "[fairness]") {
  RoutingWorld world(1);
  Script script;
  script.head(200, events);
  for (const auto pause : {1s, 1s, 20s})
    script.after(pause).body(content_event("word ") + finish_event());
  for (int i = 0; i < 200; ++i)
    script.after(10s).body(": ping\n\n");
  world.transport->add("a.test", script.hang());
  CallOptions options;
  options.total = GENERATE(60s, 3'600s);
  const TimePoint before = world.clock->now();
  const auto outcome = world.run(true, "gpt-4", options);
  CHECK(outcome.events == "committed a, end");
  CHECK(outcome.data.ends_with("data: [DONE]\n\n"));
  const auto took = world.clock->now() - before;
  CHECK((took > 22s && took < 200s));
}

TEST_CASE("when the time runs out, it is told who was tried", "[fairness]") {
  RoutingWorld world(2);
  world.transport->add("a.test", answer(500, "{}", json));
  world.transport->add("b.test", Script().hang());
  CallOptions options;
  options.total = 20s;
  CHECK(world.run(false, "gpt-4", options).error.message ==
        "the call's total time ran out; tried: a 500, b timeout");
}

TEST_CASE("next never blocks past its time, not even for the tail of a stream", "[fairness]") {
  RoutingWorld world(1);
  world.transport->add(
      "a.test", Script().head(200, events).body(content_event("Hi") + finish_event() + done_event()).hang());
  Call call = world.router().open(RoutingWorld::request(true));
  REQUIRE(call.next(world.clock->now()) == Call::Event::idle);
  const TimePoint before = world.clock->now();
  while (call.next(world.clock->now()) != Call::Event::end) {
  }
  CHECK(world.clock->now() == before);
}
