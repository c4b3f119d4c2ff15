#include <algorithm>
#include <atomic>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "demo/chat_scripts.h"
#include "demo/scripted_provider.h"
#include "integration/admin_client.h"
#include "integration/crowd.h"
#include "integration/gateway.h"
#include "support/catch.h"

// More clients than airouterd has room for: who is served, who is refused and how soon, and what it takes to
// recover.
namespace {

using namespace airouterd::demo;
using namespace gateway;

constexpr milliseconds refusal_max = is_sanitized ? 500ms : 50ms;

// Clients that take every connection that a daemon has: each has been answered and stays.
std::vector<RawClient> fill(const Gateway& daemon, int connections) {
  std::vector<RawClient> clients;
  for (int i = 0; i < connections; ++i) {
    clients.emplace_back(daemon.port());
    clients.back().send(raw_request("GET", "/health"));
    REQUIRE(clients.back().read_answer().status == 200);
  }
  return clients;
}

// How long the slowest but one in a hundred of these took: the best of three rounds, since other programs may
// have the processors for a while.
milliseconds slowest(int count, const std::function<void()>& action) {
  milliseconds best{1h};
  for (int round = 0; round < 3 && best > refusal_max; ++round) {
    std::vector<milliseconds> times;
    for (int i = 0; i < count; ++i) {
      const auto begin = steady_clock::now();
      action();
      times.push_back(std::chrono::duration_cast<milliseconds>(steady_clock::now() - begin));
    }
    best = std::min(best, percentile(times, 99));
  }
  return best;
}

// Answers every request after this time.
auto answering_after(milliseconds delay) {
  return [delay](const ReceivedRequest& request, int) {
    return Script().pause(delay).then(chat(request, {"Hi"}));
  };
}

// Says "one" and then nothing.
auto speaking_for_ever() {
  return [](const ReceivedRequest& request, int) {
    return sse_open({content_chunk(requested_model(request.body), "one")}).hang();
  };
}

}  // namespace

TEST_CASE("a full server refuses at once, says when to come back, and serves those inside",
          "[overload][daemon]") {
  ScriptedProvider provider(saying({"Hi"}));
  Gateway daemon({{"only", provider.base_url()}}, R"("max_connections":4)");
  std::vector<RawClient> inside = fill(daemon, 4);
  CHECK(slowest(100, [&] {
          const RawAnswer refused = daemon.ask(false);
          REQUIRE(outcome_of(refused) == "503 '[error too_many_connections]'");
          REQUIRE(refused.header("retry-after") == "1");
          REQUIRE(refused.header("connection") == "close");
          REQUIRE(refused.header("access-control-allow-origin") == "*");
          REQUIRE(refused.is_whole);
        }) <= refusal_max);
  CHECK(daemon.get("/v1/models").status == 503);
  CHECK(daemon.get("/nowhere").status == 503);
  CHECK(daemon.send("nonsense\r\n\r\n").status == 503);
  CHECK(daemon.send(raw_request("GET", "/health", "a body")).status == 503);
  for (RawClient& client : inside) {
    client.send(chat_request(chat_body()));
    CHECK(outcome_of(client.read_answer()) == "200 'Hi' by only after 1");
  }
  inside.front().close();
  CHECK(comes_true([&] { return daemon.ask(false).status == 200; }));
  CHECK(daemon.requests() == "total 5, ok 5, rescued 0, failed 0, cancelled 0");
}

TEST_CASE("a full server still tells how it is", "[overload][daemon]") {
  ScriptedProvider provider(saying({"Hi"}));
  Gateway daemon({{"only", provider.base_url()}}, R"("max_connections":2)");
  const std::vector<RawClient> inside = fill(daemon, 2);
  for (const std::string_view target : {"/health", "/stats", "/", "//health/?now"})
    CHECK(daemon.get(target).status == 200);
  CHECK(daemon.send(raw_request("HEAD", "/health")).status == 200);
  for (const std::string_view large : {"/openapi.json", "/admin/"})
    CHECK(daemon.get(large).status == 503);
  const RawAnswer health = daemon.get("/health");
  CHECK(health.header("connection") == "close");
  CHECK(slowest(100, [&] { REQUIRE(daemon.get("/health").status == 200); }) <= refusal_max);

  // In pieces, as slow networks bring it.
  RawClient slow(daemon.port());
  for (const std::string_view piece : {"GET /hea", "lth HTTP/1.1\r\nhost: 127", ".0.0.1\r\n\r", "\n"}) {
    slow.send(piece);
    std::this_thread::sleep_for(20ms);
  }
  CHECK(slow.read_answer().status == 200);
}

TEST_CASE("the administrator of a full server can see and mend what it is", "[overload][daemon]") {
  ScriptedProvider provider(saying({"Hi"}));
  Gateway daemon({{"only", provider.base_url()}}, R"("max_connections":2)");
  const AdminClient admin(daemon), stranger(daemon, "wrong");
  std::vector<RawClient> inside = fill(daemon, 2);
  for (const std::string_view target :
       {"/api/providers", "/api/providers/only", "/api/config", "/api/keys", "/api/model-map",
        "/api/logs?limit=1", "/api/logs/stats", "/api/requests", "/api/overview", "/api/admin/system-stats",
        "/api/route/explain?model=gpt-4"}) {
    INFO(target);
    CHECK(admin.get(target).status == 200);
    CHECK(stranger.get(target).status == 503);
    CHECK(daemon.get(target).status == 503);
  }
  CHECK(admin.post("/api/admin/reset/only").status == 200);
  CHECK(admin.post("/api/admin/reset-all").status == 200);
  CHECK(admin.put("/api/providers/only", R"({"weight":7})").status == 200);
  CHECK(member_of(admin.get("/api/providers/only").body, {"weight"}) == "7");
  CHECK(admin.put("/api/providers/only", R"({"weight":0})").status == 400);
  CHECK(admin.get("/api/providers/nobody").status == 404);
  CHECK(slowest(50, [&] { REQUIRE(admin.get("/api/providers").status == 200); }) <= refusal_max);

  // What lasts, asks providers, is large, or is somebody else's has to wait.
  for (const std::string_view target : {"/api/logs/stream", "/api/requests/stream", "/api/nowhere"})
    CHECK(admin.get(target).status == 503);
  for (const std::string_view target :
       {"/api/playground", "/api/providers/test-all", "/api/providers/only/test"})
    CHECK(admin.post(target, chat_body()).status == 503);
  CHECK(admin.put("/api/config", std::string(70'000, ' ')).status == 503);
  CHECK(stranger.put("/api/providers/only", R"({"weight":9})").status == 503);
  CHECK(admin.get("/v1/models").status == 503);

  // Bodies that do not come take the administrator's places, and nobody else's; nor for ever.
  std::vector<RawClient> halves;
  const std::string whole = admin.request("PUT", "/api/providers/only", R"({"weight":8})");
  for (int i = 0; i < 4; ++i) {
    halves.emplace_back(daemon.port());
    halves.back().send(whole.substr(0, whole.size() - 3));
  }
  CHECK(slowest(50, [&] { REQUIRE(daemon.get("/health").status == 200); }) <= refusal_max);
  for (RawClient& half : halves)
    half.send(whole.substr(whole.size() - 3));
  for (RawClient& half : halves)
    CHECK(half.read_answer().status == 200);
  CHECK(member_of(admin.get("/api/providers/only").body, {"weight"}) == "8");
  inside.front().send(chat_request(chat_body()));
  CHECK(outcome_of(inside.front().read_answer()) == "200 'Hi' by only after 1");
}

TEST_CASE("nobody can keep the way to a full server's health", "[overload][daemon]") {
  Gateway daemon({}, R"("max_connections":1)");
  const std::vector<RawClient> inside = fill(daemon, 1);
  std::vector<RawClient> silent, slow, deaf;
  for (int i = 0; i < 40; ++i) {
    silent.emplace_back(daemon.port());
    slow.emplace_back(daemon.port());
    slow.back().send("GET /health HTTP/1.1\r\nx: ");
    deaf.emplace_back(daemon.port());
    deaf.back().send(raw_request("GET", "/stats"));
    REQUIRE(daemon.get("/health").status == 200);
  }
  CHECK(slowest(50, [&] { REQUIRE(daemon.get("/health").status == 200); }) <= refusal_max);
  // Whoever says nothing is told so before long, and does not stay.
  for (RawClient* client : {&silent.front(), &silent.back(), &slow.front(), &slow.back()}) {
    CHECK(client->read_answer(3s).status == 503);
    CHECK(client->sees_close(3s));
  }
}

TEST_CASE("calls beyond max_in_flight are refused at once, and health is told", "[overload][daemon]") {
  ScriptedProvider provider(speaking_for_ever());
  Gateway daemon({{"only", provider.base_url()}}, R"("max_in_flight":2)");
  std::vector<RawClient> inside;
  for (int i = 0; i < 2; ++i) {
    inside.emplace_back(daemon.port());
    inside.back().send(chat_request(chat_body(true)));
    REQUIRE(inside.back().read_head());
  }
  CHECK(slowest(100, [&] {
          const RawAnswer refused = daemon.ask(true);
          REQUIRE(outcome_of(refused) == "503 '[error overloaded]'");
          REQUIRE(refused.header("retry-after") == "1");
        }) <= refusal_max);
  CHECK(slowest(100, [&] { REQUIRE(daemon.get("/health").status == 200); }) <= refusal_max);
  CHECK(daemon.get("/stats").status == 200);
  CHECK(daemon.health("only") == "healthy");
  inside.front().close();
  CHECK(comes_true([&] {
    RawClient next(daemon.port());
    next.send(chat_request(chat_body(true)));
    return next.read_head() && next.answer().status == 200;
  }));
}

TEST_CASE("of twice as many clients as there is room for, half are served and half refused",
          "[overload][daemon]") {
  constexpr int room = 32;
  ScriptedProvider provider(answering_after(is_sanitized ? 3s : 1s));
  Gateway daemon({{"only", provider.base_url()}}, R"("max_connections":32)");
  milliseconds soonest{1h};
  int all_served = 0;
  for (int round = 0; round < 2; ++round) {
    const std::vector<Visit> visits = visit_at_once(
        2 * room,
        [&](RawClient& client) {
          client.send(chat_request(chat_body()));
          return client.read_answer();
        },
        daemon.port());
    std::vector<milliseconds> refused;
    int served = 0;
    for (const Visit& visit : visits) {
      if (visit.answer.status == 200) {
        ++served;
        CHECK(outcome_of(visit.answer) == "200 'Hi' by only after 1");
      } else {
        CHECK(outcome_of(visit.answer) == "503 '[error too_many_connections]'");
        CHECK(visit.answer.header("retry-after") == "1");
        refused.push_back(visit.time);
      }
    }
    CHECK(served <= room);
    CHECK(served >= room - 2);  // connections that are just ending count
    all_served += served;
    REQUIRE(!refused.empty());
    soonest = std::min(soonest, percentile(refused, 90));
    CHECK(percentile(refused, 100) < (is_sanitized ? 3s : 1s));  // before anybody has left
    CHECK(comes_true([&] { return daemon.stat({"requests", "ok"}) == std::to_string(all_served); }));
  }
  CHECK(soonest <= refusal_max);
  CHECK(daemon.ask(false).status == 200);
}

TEST_CASE("four times the capacity costs little of what can be done, and is over when it is over",
          "[overload][daemon]") {
  constexpr int capacity = 16;
  ScriptedProvider provider(answering_after(50ms));
  Gateway daemon({{"only", provider.base_url()}}, R"("max_in_flight":16)");
  double best = 0;
  milliseconds refused{1h};
  for (int round = 0; round < 3 && (best < 0.9 || refused > refusal_max); ++round) {
    const Load usual = load(daemon.port(), capacity, 1s);
    CHECK(usual.refused == 0);
    const Load over = load(daemon.port(), 4 * capacity, 1500ms);
    const auto ended = steady_clock::now();
    CHECK(over.refused > 0);
    CHECK(over.odd + usual.odd == 0);
    CHECK(comes_true([&] { return daemon.ask(false).status == 200; }, 2s));
    CHECK(steady_clock::now() - ended <= 2s);
    const Load again = load(daemon.port(), capacity, 1s);
    CHECK(again.refused == 0);
    best = std::max(best, std::min(over.per_second(), again.per_second()) / usual.per_second());
    refused = std::min(refused, percentile(over.refusals, 99));
  }
  CHECK(best >= 0.9);
  CHECK(refused <= refusal_max);
  CHECK(daemon.health("only") == "healthy");
}
