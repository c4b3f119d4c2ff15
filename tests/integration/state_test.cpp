#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "demo/chat_scripts.h"
#include "demo/scripted_provider.h"
#include "integration/gateway.h"
#include "support/catch.h"

// What the daemon remembers of providers between requests, under load and with nobody left to ask.
namespace {

using namespace airouterd::demo;
using namespace gateway;

// Every failure that cools keeps its provider or model out for this long.
constexpr std::string_view short_cooldowns =
    R"("cooldown":{"rate_limited":0.3,"server_error":0.3,"timeout":0.3,"network_error":0.3,"overloaded":0.3,"bad_answer":0.3})";

Script limited() {
  return chat_error(429, "slow down", "requests", "rate_limit_exceeded");
}

Script html_of(int status) {
  return answer(status, {{"Content-Type", "text/html"}}, "<html>");
}

// Sends as many requests at the same instant, each on a connection of its own, and returns what came.
std::vector<RawAnswer> ask_at_once(const Gateway& daemon, std::size_t count, const std::string& bytes) {
  std::vector<RawClient> clients;
  clients.reserve(count);
  for (std::size_t i = 0; i < count; ++i)
    clients.emplace_back(daemon.port());
  for (RawClient& client : clients)
    client.send(bytes);
  std::vector<RawAnswer> answers;
  for (RawClient& client : clients)
    answers.push_back(client.read_answer());
  return answers;
}

}  // namespace

TEST_CASE("of a hundred requests at the half-open instant, one reaches the provider", "[state][daemon]") {
  // Until all of the others have come.
  constexpr milliseconds probe_takes = is_sanitized ? 8s : 1s;
  ScriptedProvider first([=](const ReceivedRequest& request, int nth) {
    if (nth == 1) return Script().close();
    return Script().pause(nth == 2 ? probe_takes : 0ms).then(chat(request, {"first"}));
  });
  ScriptedProvider second(saying({"second"}));
  Gateway daemon({{"first", first.base_url(), always_first}, {"second", second.base_url()}},
                 std::string(short_cooldowns));
  CHECK(outcome_of(daemon.ask(false)) == "200 'second' by second after 2");
  REQUIRE(comes_true([&] { return daemon.stat({"providers", "first", "cooldown_remaining_s"}).empty(); }));

  int by_first = 0, by_second = 0;
  for (const RawAnswer& answer : ask_at_once(daemon, 100, chat_request(chat_body()))) {
    const std::string outcome = outcome_of(answer);
    by_first += outcome == "200 'first' by first after 1" ? 1 : 0;
    by_second += outcome == "200 'second' by second after 1" ? 1 : 0;
  }
  CHECK(by_first == 1);
  CHECK(by_second == 99);
  CHECK(first.request_count() == 2);
  CHECK(daemon.health("first") == "healthy");
  CHECK(outcome_of(daemon.ask(false)) == "200 'first' by first after 1");
}

TEST_CASE("a probe whose client leaves gives no verdict and makes room for the next", "[state][daemon]") {
  ScriptedProvider first([](const ReceivedRequest& request, int nth) {
    if (nth == 1) return Script().close();
    return nth == 2 ? Script().hang() : chat(request, {"first"});
  });
  ScriptedProvider second(saying({"second"}));
  Gateway daemon({{"first", first.base_url(), always_first}, {"second", second.base_url()}},
                 std::string(short_cooldowns));
  const bool stream = GENERATE(false, true);
  daemon.ask(false);
  REQUIRE(comes_true([&] { return daemon.stat({"providers", "first", "cooldown_remaining_s"}).empty(); }));
  {
    RawClient leaving(daemon.port());
    leaving.send(chat_request(chat_body(stream)));
    REQUIRE(first.wait_for([&] { return first.request_count() == 2; }, 5s));
    CHECK(outcome_of(daemon.ask(false)) == "200 'second' by second after 1");  // the slot is taken
    CHECK(daemon.health("first") == "provider cooling network");
  }
  REQUIRE(first.wait_for([&] { return first.open_connections() == 0; }, 5s));
  REQUIRE(comes_true([&] { return daemon.stat({"requests", "cancelled"}) == "1"; }));
  CHECK(daemon.stat({"providers", "first", "failed_requests"}) == "1");
  CHECK(outcome_of(daemon.ask(false)) == "200 'first' by first after 1");
  CHECK(daemon.health("first") == "healthy");
}

TEST_CASE("a probe that fails cools its provider again", "[state][daemon]") {
  ScriptedProvider first(Script().close());
  ScriptedProvider second(saying({"second"}));
  Gateway daemon({{"first", first.base_url(), always_first}, {"second", second.base_url()}},
                 std::string(short_cooldowns));
  for (int round = 1; round <= 3; ++round) {
    CHECK(outcome_of(daemon.ask(false)) == "200 'second' by second after 2");
    CHECK(outcome_of(daemon.ask(false)) == "200 'second' by second after 1");
    CHECK(first.request_count() == round);
    REQUIRE(comes_true([&] { return daemon.stat({"providers", "first", "cooldown_remaining_s"}).empty(); }));
  }
}

TEST_CASE("a cooldown that ends soon is waited for", "[state][daemon]") {
  ScriptedProvider only([](const ReceivedRequest& request, int nth) {
    return nth == 1 ? limited() : chat(request, {"again"});
  });
  Gateway daemon({{"only", only.base_url()}}, std::string(short_cooldowns));
  CHECK(daemon.ask(false).status == 429);
  const auto began = steady_clock::now();
  CHECK(outcome_of(daemon.ask(false)) == "200 'again' by only after 1");
  CHECK(steady_clock::now() - began < 1s);
}

TEST_CASE("with everything cooling the answer comes at once, and nobody is dialled", "[state][daemon]") {
  struct Case {
    Script script;
    int status;
    std::string error;
  };
  const Case expected = GENERATE_COPY(
      Case{chat_error(429, "slow down", "", "rate_limit_exceeded", {{"retry-after", "30"}}), 429,
           "no_provider_available"},
      Case{chat_error(401, "who are you", "", "invalid_api_key"), 503, "no_provider_available"});
  ScriptedProvider first(expected.script), second(expected.script);
  Gateway daemon({{"first", first.base_url()}, {"second", second.base_url()}});
  CHECK(daemon.ask(false).status == expected.status);
  const int dialled = first.connection_count() + second.connection_count();
  CHECK(dialled == 2);
  for (const bool stream : {false, true}) {
    RawClient client(daemon.port());
    const auto began = steady_clock::now();
    client.send(chat_request(chat_body(stream)));
    const RawAnswer answer = client.read_answer();
    CHECK(answer.end_at - began < (is_sanitized ? 500ms : 100ms));
    CHECK(answer.status == expected.status);
    CHECK(words_of(answer.body) == "[error " + expected.error + "]");
    CHECK(answer.header("content-type") == "application/json");
    const int seconds = std::atoi(std::string(answer.header("retry-after")).c_str());
    CHECK(seconds >= 1);
    CHECK(seconds <= 60);
  }
  CHECK(first.connection_count() + second.connection_count() == dialled);
  CHECK(daemon.requests() == "total 3, ok 0, rescued 0, failed 3, cancelled 0");
}

TEST_CASE("with everything cooling for long, one last resort is tried in five seconds", "[state][daemon]") {
  ScriptedProvider only([](const ReceivedRequest& request, int nth) {
    return nth <= 2 ? html_of(500) : chat(request, {"again"});
  });
  Gateway daemon({{"only", only.base_url()}});
  CHECK(daemon.ask(false).status == 502);
  CHECK(only.request_count() == 1);
  for (const RawAnswer& answer : ask_at_once(daemon, 20, chat_request(chat_body())))
    CHECK((answer.status == 502 || answer.status == 503));
  CHECK(only.request_count() == 2);
  CHECK(daemon.ask(false).status == 503);
  CHECK(only.request_count() == 2);
}

TEST_CASE("one bad prompt does not black out every provider", "[state][daemon]") {
  ScriptedProvider first(html_of(500)), second(html_of(500)), third(html_of(500));
  Gateway daemon({{"first", first.base_url(), always_first},
                  {"second", second.base_url()},
                  {"third", third.base_url()}});
  const RawAnswer answer = daemon.ask(false);
  CHECK(answer.status == 502);
  CHECK(answer.header("x-airouter-attempts") == "3");
  CHECK(words_of(answer.body) == "[error all_providers_failed]");
  CHECK(answer.body.find("all 3 providers for 'gpt-4' failed: first 500, ") != std::string::npos);
  const auto left = [&](const std::string& name) {
    CHECK(daemon.stat({"models", name + ":gpt-4", "cooldown_reason"}) == "server_error");
    return std::atoi(daemon.stat({"models", name + ":gpt-4", "cooldown_remaining_s"}).c_str());
  };
  CHECK(left("first") > 290);
  for (const auto* name : {"second", "third"}) {
    CHECK(left(name) >= 7);
    CHECK(left(name) <= 10);
  }
}

TEST_CASE("the first of many failures does not double the load", "[state][daemon]") {
  // All may fail over once; of forty calls under way eight may have a third attempt at a time.
  std::vector<std::unique_ptr<ScriptedProvider>> providers;
  std::vector<Entry> entries;
  for (int i = 0; i < 4; ++i) {
    providers.push_back(std::make_unique<ScriptedProvider>(Script().pause(150ms).then(html_of(500))));
    entries.push_back({"p" + std::to_string(i), providers.back()->base_url()});
  }
  Gateway daemon(entries, R"("max_retries":4,"cooldown":{"server_error":0})");
  for (const RawAnswer& answer : ask_at_once(daemon, 40, chat_request(chat_body())))
    CHECK(answer.status == 502);
  int sent = 0;
  for (const auto& provider : providers)
    sent += provider->request_count();
  CHECK(sent >= 80);
  CHECK(sent < 40 * 3);
}

TEST_CASE("a model that nobody serves is unknown, and costs nobody anything", "[state][daemon]") {
  ScriptedProvider only(saying({"no"}));
  Gateway daemon({{"only", only.base_url()}});
  const RawAnswer answer = daemon.post(chat_body(false, "gpt-5"));
  CHECK(outcome_of(answer) == "404 '[error model_not_found]' after 0");
  CHECK(only.connection_count() == 0);
}

TEST_CASE("with thousands of models counted and out, what everybody may ask is answered soon",
          "[state][daemon]") {
  constexpr int models = 4096;
  const auto name_of = [](int i) { return "organisation/a-model-with-a-long-name-" + std::to_string(i); };
  ScriptedProvider provider(chat_error(429, "slow down", "", "", {{"retry-after", "600"}}));
  Gateway daemon({{"any", provider.base_url(), 1, R"(["*"])"}});
  RawClient client(daemon.port());
  for (int i = 0; i < models; ++i) {
    REQUIRE(client.send(chat_request(chat_body(false, name_of(i)))));
    REQUIRE(client.read_answer().status == 429);
  }
  CHECK(daemon.stat({"models", "any:" + name_of(0), "status"}) == "cooling");
  CHECK(daemon.stat({"models", "any:" + name_of(models - 1), "cooldown_reason"}) == "rate_limited");
  CHECK(daemon.stat({"providers", "any", "models_cooling"}) == std::to_string(models));
  const auto before = daemon.process().processor_time();
  constexpr int questions = 5;
  for (int i = 0; i < questions; ++i)
    CHECK(daemon.get("/stats").status == 200);
  const auto taken = (daemon.process().processor_time() - before) / questions;
  CAPTURE(taken.count());
  // 10 ms, most of it for writing; 170 ms where every name is compared with every model.
  CHECK(taken < (is_sanitized ? 1000ms : 100ms));
}
