#include "support/routing_world.h"

using namespace airouter;
using namespace airouter::testing;
using namespace std::chrono_literals;

namespace {

const Headers events{{"content-type", "text/event-stream"}};

std::string visible(const std::string& data) {
  std::string text;
  for (std::size_t at = data.find("\"content\":\""); at != std::string::npos;
       at = data.find("\"content\":\"", at)) {
    at += 11;
    text += data.substr(at, data.find('"', at) - at);
  }
  return text + (data.ends_with("data: [DONE]\n\n") ? "|DONE" : "|");
}

}  // namespace

TEST_CASE("a stream is relayed event by event and ends with one [DONE]", "[streaming]") {
  RoutingWorld world(1);
  world.transport->add("a.test", stream({"Hel", "lo"}, 10ms));
  const auto outcome = world.run(true);
  CHECK(outcome.events == "committed a, end");
  CHECK(visible(outcome.data) == "Hello|DONE");
  CHECK(outcome.data.find("real-model") == std::string::npos);
  CHECK(outcome.head.headers[0].second == "text/event-stream");
}

TEST_CASE("a stream that fails before its first output is invisible", "[streaming]") {
  RoutingWorld world(2);
  world.transport->add("b.test", stream({"Hello"}));
  SECTION("an error event after the role") {
    world.transport->add("a.test", Script()
                                       .head(200, events)
                                       .body(role_event())
                                       .body("data: {\"error\":{\"message\":\"boom\",\"code\":500}}\n\n")
                                       .end());
  }
  SECTION("cut after the role") {
    world.transport->add("a.test", Script().head(200, events).body(role_event()).end(TransferFailure::reset));
  }
  SECTION("only a role and [DONE]") {
    world.transport->add("a.test", Script().head(200, events).body(role_event() + done_event()).end());
  }
  SECTION("silence") {
    world.transport->add("a.test", Script().head(200, events).body(role_event()).hang());
  }
  SECTION("comments for ever") {
    Script script;
    script.head(200, events);
    for (int i = 0; i < 200; ++i)
      script.after(1s).body(": still here\n\n");
    world.transport->add("a.test", script);
  }
  SECTION("HTML") {
    world.transport->add("a.test",
                         Script().head(200, {{"content-type", "text/html"}}).body("<html>busy</html>").end());
  }
  const auto outcome = world.run(true);
  CHECK(outcome.events == "committed b, end");
  CHECK(visible(outcome.data) == "Hello|DONE");
}

TEST_CASE("after output there is never another provider", "[streaming]") {
  RoutingWorld world(2);
  world.transport->add("b.test", stream({"other"}));
  Script script;
  script.head(200, events).body(role_event()).body(content_event("Hel"));
  SECTION("cut") {
    world.transport->add("a.test", script.end());
    CHECK(world.run(true).summary == "try a/gpt-4 -> network, model cooling 60 s");
  }
  SECTION("reset inside an event") {
    world.transport->add("a.test", script.body("data: {\"cho").end(TransferFailure::reset));
    CHECK(world.run(true).summary == "try a/gpt-4 -> network, model cooling 60 s");
  }
  SECTION("stalled") {
    world.transport->add("a.test", script.hang());
    CHECK(world.run(true).summary == "try a/gpt-4 -> timeout, model cooling 120 s");
  }
  SECTION("an error event") {
    world.transport->add("a.test",
                         script.body("data: {\"error\":{\"message\":\"slow down\",\"code\":429}}\n\n").end());
    CHECK(world.run(true).summary == "try a/gpt-4 -> rate_limited, model cooling 60 s");
  }
  world.router().reset_health("a");
  const auto outcome = world.run(true);
  CHECK(outcome.events == "committed a, failed");
  CHECK(visible(outcome.data) == "Hel|");
  CHECK(outcome.error.code == ErrorCode::stream_broken);
  CHECK(world.transport->received().back().host == "a.test");
}

TEST_CASE("a finish reason makes a stream whole, however the socket closed", "[streaming]") {
  RoutingWorld world(1);
  Script script;
  script.head(200, events).body(content_event("Hi")).body(finish_event());
  SECTION("clean end without [DONE]") {
    world.transport->add("a.test", script.end());
  }
  SECTION("reset without [DONE]") {
    world.transport->add("a.test", script.end(TransferFailure::reset));
  }
  SECTION("silence without [DONE]") {
    world.transport->add("a.test", script.hang());
  }
  SECTION("text after [DONE]") {
    world.transport->add("a.test", script.body(done_event() + content_event("no") + done_event()).end());
  }
  const auto outcome = world.run(true);
  CHECK(outcome.events == "committed a, end");
  CHECK(visible(outcome.data) == "Hi|DONE");
}

TEST_CASE("a plain answer to a streamed request becomes a stream", "[streaming]") {
  RoutingWorld world(1);
  world.transport->add("a.test", completion("Hello"));
  const auto outcome = world.run(true);
  CHECK(outcome.events == "committed a, end");
  CHECK(visible(outcome.data) == "Hello|DONE");
  CHECK(outcome.data.find("\"delta\":{") != std::string::npos);
  CHECK(outcome.data.find("chat.completion.chunk") != std::string::npos);
}

TEST_CASE("an idle call is taken up again, with its failover behind it", "[streaming]") {
  RoutingWorld world(2);
  world.transport->add("a.test", Script().after(40s).head(500).body("{}").end());
  world.transport->add("b.test", stream({"Hello"}, 5s));
  Call call = world.router().open(RoutingWorld::request(true));
  int idles = 0;
  while (!call.is_committed()) {
    const Call::Event event = call.next(world.clock->now() + 15s);
    REQUIRE(event != Call::Event::failed);
    idles += event == Call::Event::idle ? 1 : 0;
  }
  CHECK(idles == 2);
  CHECK(call.head().provider == "b");
}

TEST_CASE("usage is read from a stream, and absent is not zero", "[streaming]") {
  RoutingWorld world(1);
  world.transport->add(
      "a.test",
      Script()
          .head(200, events)
          .body(content_event("Hi") + finish_event() +
                "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":2}}\n\n" +
                done_event())
          .end());
  Call call = world.router().open(RoutingWorld::request(true));
  world.drain(call);
  REQUIRE(call.summary().usage);
  CHECK(call.summary().usage->input_tokens == 7);
  world.transport->add("a.test", stream({"Hi"}));
  world.run(true);
  Call other = world.router().open(RoutingWorld::request(true));
  world.drain(other);
  CHECK_FALSE(other.summary().usage);
}

TEST_CASE("leaving a call closes the upstream and does not change health", "[streaming]") {
  RoutingWorld world(1);
  world.transport->add("a.test", Script().head(200, events).body(content_event("Hi")).hang());
  {
    Call call = world.router().open(RoutingWorld::request(true));
    CHECK(call.next(world.clock->now() + 1s) == Call::Event::committed);
    CHECK(world.transport->open_exchanges() == 1);
  }
  CHECK(world.transport->open_exchanges() == 0);
  CHECK(world.router().health()[0].state == HealthState::healthy);
  CHECK(world.observer->lines().back() == "failed: the caller left");
}

TEST_CASE("callbacks are called in order, and on_done exactly once", "[streaming]") {
  RoutingWorld world(1);
  world.transport->add("a.test", stream({"Hel", "lo"}, 3s));
  std::string log;
  StreamCallbacks callbacks;
  callbacks.on_head = [&](const CallHead& head) {
    return log += "head " + head.provider + ";", Flow::proceed;
  };
  callbacks.on_data = [&](std::string_view) { return log += "data;", Flow::proceed; };
  callbacks.on_idle = [&] { return log += "idle;", Flow::proceed; };
  callbacks.on_done = [&](const Error* error, const CallSummary&) {
    log += error == nullptr ? "done" : error->message;
  };
  SECTION("to the end") {
    callbacks.idle_tick = 2s;
    world.router().stream(RoutingWorld::request(true), callbacks);
    CHECK(log == "idle;head a;data;idle;data;data;data;done");
  }
  SECTION("stopped by the caller") {
    callbacks.idle_tick = 10s;
    callbacks.on_data = [&](std::string_view) { return log += "data;", Flow::stop; };
    world.router().stream(RoutingWorld::request(true), callbacks);
    CHECK(log == "head a;data;the caller left");
    CHECK(world.transport->open_exchanges() == 0);
  }
}
