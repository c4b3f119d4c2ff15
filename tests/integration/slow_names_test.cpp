#include <csignal>
#include <cstdlib>
#include <string>

#include "demo/chat_scripts.h"
#include "demo/scripted_provider.h"
#include "integration/gateway.h"
#include "support/catch.h"
#include "support/paths.h"

// Providers whose names take six seconds to resolve, or don't: the daemon runs behind a resolver of the
// tests' own.
namespace {

using namespace airouterd::demo;
using namespace gateway;

// Has programs that are started during its life ask the tests' resolver.
class OwnResolver {
 public:
  OwnResolver() {
    ::setenv("LD_PRELOAD", slow_names_library().c_str(), 1);
    ::setenv("ASAN_OPTIONS", (options_ + ":verify_asan_link_order=0").c_str(), 1);
  }
  ~OwnResolver() {
    ::unsetenv("LD_PRELOAD");
    ::setenv("ASAN_OPTIONS", options_.c_str(), 1);
  }
  OwnResolver(const OwnResolver&) = delete;
  OwnResolver& operator=(const OwnResolver&) = delete;

 private:
  const std::string options_ = std::getenv("ASAN_OPTIONS") != nullptr ? std::getenv("ASAN_OPTIONS") : "";
};

std::string named(const ScriptedProvider& provider, const std::string& name) {
  return "http://" + name + ":" + std::to_string(provider.port()) + "/v1";
}

// A slow name in front of a good provider, and a quick one for another model.
struct World {
  explicit World(const std::string& more = {})
      : daemon({{"slow", named(provider, "a.slow"), always_first, R"(["gpt-4"])", R"(,"proxy":"none")"},
                {"good", good.base_url()},
                {"quick", good.base_url(), 1, R"(["quick"])"}},
               more) {}

  ScriptedProvider provider{saying({"at last"})}, good{saying({"good"})};
  OwnResolver resolver{};
  Gateway daemon;
};

milliseconds since(steady_clock::time_point begin) {
  return std::chrono::ceil<milliseconds>(steady_clock::now() - begin);
}

}  // namespace

TEST_CASE("a name that resolves within the time to connect is waited for, and only by those who asked",
          "[names][daemon]") {
  World world;
  const auto began = steady_clock::now();
  RawClient plain(world.daemon.port()), streamed(world.daemon.port());
  plain.send(chat_request(chat_body(false)));
  streamed.send(chat_request(chat_body(true)));
  while (since(began) < 5s) {
    const auto asked_at = steady_clock::now();
    CHECK(outcome_of(world.daemon.post(chat_body(false, "quick"))) == "200 'good' by quick after 1");
    CHECK(since(asked_at) < 2s);
    std::this_thread::sleep_for(200ms);
  }
  CHECK(outcome_of(plain.read_answer()) == "200 'at last' by slow after 1");
  CHECK(outcome_of(streamed.read_answer()) == "200 'at last[DONE]' by slow after 1");
  CHECK(since(began) >= 6s);
  CHECK(since(began) < 9s);
  CHECK(world.daemon.health("slow") == "healthy");
}

TEST_CASE("a name that resolves too slowly is given up, and the next provider answers", "[names][daemon]") {
  World world(R"("timeouts":{"connect":0.5})");
  const bool stream = GENERATE(false, true);
  const auto began = steady_clock::now();
  CHECK(outcome_of(world.daemon.ask(stream)) ==
        (stream ? "200 'good[DONE]' by good after 2" : "200 'good' by good after 2"));
  CHECK(since(began) >= 500ms);
  CHECK(since(began) < 3s);
  CHECK(world.daemon.health("slow").substr(0, 24) == "provider cooling timeout");
  CHECK(world.provider.connection_count() == 0);
}

TEST_CASE("a client that leaves while a name is looked up is gone at once", "[names][daemon]") {
  World world;
  RawClient client(world.daemon.port());
  client.send(chat_request(chat_body(GENERATE(false, true))));
  CHECK(client.read_some(1, 200ms).empty());
  const auto left_at = steady_clock::now();
  client.close();
  CHECK(comes_true([&] { return world.daemon.stat({"requests", "cancelled"}) == "1"; }));
  CHECK(since(left_at) < 2s);
  CHECK(world.daemon.health("slow") == "healthy");
}

TEST_CASE("a daemon that is told to end does not wait for a name", "[names][daemon]") {
  World world;
  RawClient client(world.daemon.port());
  client.send(chat_request(chat_body()));
  CHECK(client.read_some(1, 200ms).empty());
  world.daemon.process().signal(SIGTERM);
  REQUIRE(world.daemon.process().says("stopping; calls in flight: 1"));
  world.daemon.process().signal(SIGTERM);
  CHECK(world.daemon.process().wait(3s) == 0);
}

TEST_CASE("a name that does not exist is a provider that is out", "[names][daemon]") {
  ScriptedProvider good(saying({"good"}));
  const OwnResolver resolver;
  Gateway daemon({{"bad", "http://api.missing/v1", always_first, R"(["gpt-4"])", R"(,"proxy":"none")"},
                  {"good", good.base_url()}});
  CHECK(outcome_of(daemon.ask(false)) == "200 'good' by good after 2");
  CHECK(daemon.health("bad").substr(0, 24) == "provider cooling network");
}
