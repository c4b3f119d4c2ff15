#include <csignal>
#include <filesystem>
#include <sstream>
#include <string>
#include <vector>

#include "demo/chat_scripts.h"
#include "demo/scripted_provider.h"
#include "integration/admin_client.h"
#include "integration/disk.h"
#include "integration/gateway.h"
#include "support/catch.h"
#include "support/log_lines.h"
#include "support/sanitized.h"

// The end of airouterd while it has much to do.
namespace {

using namespace airouterd::demo;
using namespace gateway;

constexpr int streams = 100;

// Says "one", waits, and ends as it should; with "for ever" in the question it never does.
Script slow_answer(const ReceivedRequest& request, milliseconds wait) {
  const std::string model = requested_model(request.body);
  if (request.body.find("for ever") != std::string::npos) {
    return asks_for_stream(request.body) ? sse_open({content_chunk(model, "one")}).hang() : Script().hang();
  }
  return sse_open({content_chunk(model, "one")})
      .pause(wait)
      .send(chunk(event(content_chunk(model, " two")) + event(finish_chunk(model)) + event("[DONE]")) +
            chunk(""));
}

auto slowly(milliseconds wait) {
  return [wait](const ReceivedRequest& request, int) { return slow_answer(request, wait); };
}

std::string question(bool is_stream, bool for_ever) {
  return chat_request(R"({"model":"gpt-4","messages":[{"role":"user","content":")" +
                      std::string(for_ever ? "for ever" : "Hi") + R"("}])" +
                      (is_stream ? R"(,"stream":true})" : "}"));
}

// Streams that have begun.
std::vector<RawClient> begin_streams(const Gateway& daemon, int count, bool for_ever) {
  std::vector<RawClient> clients;
  for (int i = 0; i < count; ++i) {
    clients.emplace_back(daemon.port());
    REQUIRE(clients.back().send(question(true, for_ever)));
  }
  for (RawClient& client : clients)
    REQUIRE((client.read_head() && client.read_until("one")));
  return clients;
}

// "ok 1, ended by the server 2": how requests ended, by the log of a daemon that has ended. Of others, whose
// status or words do not go together, there is the whole line.
std::string logged(const Gateway& daemon) {
  int ok = 0, ended = 0;
  std::string others;
  for (const auto& file : std::filesystem::directory_iterator(daemon.folder().file("data/logs"))) {
    std::istringstream lines(log_lines::content_of(file.path()));
    for (std::string line; std::getline(lines, line);) {
      const std::string result = log_lines::member(line, "result");
      const bool is_told = log_lines::member(line, "status_code") == "503" &&
                           log_lines::member(line, "message") == "ended by the server" &&
                           log_lines::member(line, "error") == "the server is shutting down";
      if (result == "ok") {
        ++ok;
      } else if (result == "cancelled" && is_told) {
        ++ended;
      } else if (result == "cancelled" || result == "failed") {
        others += ", " + line;
      }
    }
  }
  return "ok " + std::to_string(ok) + ", ended by the server " + std::to_string(ended) + others;
}

}  // namespace

TEST_CASE(
    "SIGTERM with a hundred streams under way: those that end in time end well, the others with an error",
    "[drain][daemon]") {
  ScriptedProvider provider(slowly(300ms));
  Gateway daemon({{"only", provider.base_url()}}, R"("drain_time":2.5)");
  RawClient plain(daemon.port());
  plain.send(question(false, true));
  REQUIRE(provider.wait_for([&] { return provider.request_count() == 1; }, 5s));
  std::vector<RawClient> endless = begin_streams(daemon, streams / 2, true),
                         ending = begin_streams(daemon, streams / 2, false);
  RawClient idle(daemon.port());

  const auto begin = steady_clock::now();
  daemon.process().signal(SIGTERM);
  REQUIRE(daemon.process().says("stopping; calls in flight: "));
  CHECK(outcome_of(daemon.ask(true)) == "503 '[error overloaded]'");
  CHECK(daemon.get("/health").status == 503);
  for (RawClient& client : ending)
    CHECK(outcome_of(client.read_answer()) == "200 'one two[DONE]' by only after 1");
  for (RawClient& client : endless) {
    const RawAnswer& answer = client.read_answer();
    CHECK(outcome_of(answer) == "200 'one[error overloaded]' cut short by only after 1");
    CHECK(answer.body.find("the server is shutting down") != std::string::npos);
    CHECK(client.sees_close());
  }
  const RawAnswer refused = plain.read_answer();
  CHECK(outcome_of(refused) == "503 '[error overloaded]' after 1");
  CHECK(refused.header("retry-after") == "1");

  CHECK(daemon.process().wait(3s) == 0);
  CHECK(steady_clock::now() - begin >= 2500ms);
  CHECK(steady_clock::now() - begin < 7s);
  CHECK(idle.sees_close());
  CHECK(daemon.process().errors().empty());
  CHECK(logged(daemon) == "ok 50, ended by the server 51");
  CHECK(provider.wait_for([&] { return provider.open_connections() == 0; }, 2s));
  CHECK(RawClient(daemon.port()).sees_close(1s));
}

TEST_CASE("a second signal ends a hundred streams at once, and none of them looks whole", "[drain][daemon]") {
  const int second = GENERATE(SIGTERM, SIGINT);
  ScriptedProvider provider(slowly(10s));
  Gateway daemon({{"only", provider.base_url()}});
  std::vector<RawClient> clients = begin_streams(daemon, streams, true);
  daemon.process().signal(SIGTERM);
  REQUIRE(daemon.process().says("stopping; calls in flight: 100"));
  CHECK(!daemon.process().wait(100ms));
  daemon.process().signal(second);
  CHECK(daemon.process().wait(2s) == 0);
  for (RawClient& client : clients)
    CHECK(!client.read_answer().is_whole);
  CHECK(logged(daemon) == "ok 0, ended by the server 100");
  CHECK(provider.wait_for([&] { return provider.open_connections() == 0; }, 2s));
}

TEST_CASE("neither a client that reads nothing nor one that sends nothing holds up the end",
          "[drain][daemon]") {
  ScriptedProvider provider([](const ReceivedRequest& request, int) {
    const std::string model = requested_model(request.body);
    return sse_open({content_chunk(model, "one")})
        .send_repeatedly(chunk(event(content_chunk(model, std::string(4000, 'x')))));
  });
  Gateway daemon({{"only", provider.base_url()}}, R"("drain_time":0.3)");
  RawClient deaf(daemon.port()), slow_body(daemon.port()), slow_head(daemon.port()), silent(daemon.port());
  deaf.send(question(true, false));
  REQUIRE(deaf.read_head());
  slow_body.send("POST /v1/chat/completions HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: 100\r\n\r\n{");
  slow_head.send("POST /v1/chat/completions HTTP/1.1\r\nhost: 127");
  std::this_thread::sleep_for(300ms);  // until the buffers to the one that reads nothing are full
  const auto begin = steady_clock::now();
  daemon.process().signal(SIGTERM);
  CHECK(daemon.process().wait(10s) == 0);
  CHECK(steady_clock::now() - begin < 8s);
}

TEST_CASE("a large answer that is being read counts as in flight, and a drain waits for it",
          "[drain][daemon]") {
  const std::string large(std::size_t{12} * 1024 * 1024, 'x');
  ScriptedProvider provider(chat_answer("gpt-4", large));
  Gateway daemon({{"only", provider.base_url()}}, R"("max_in_flight":2,"drain_time":20)");
  std::vector<RawClient> readers;
  for (int i = 0; i < 2; ++i) {
    readers.emplace_back(daemon.port(), 4096);
    readers.back().send(question(false, false));
    REQUIRE(readers.back().read_head());
  }
  CHECK(daemon.ask(false).status == 503);
  daemon.process().signal(SIGTERM);
  CHECK(daemon.process().says("stopping; calls in flight: 2"));
  // Longer than what is given to those that are no calls.
  CHECK(!daemon.process().wait(6s));
  for (RawClient& reader : readers)
    CHECK(outcome_of(reader.read_answer(10s)) == "200 '" + large + "' by only after 1");
  CHECK(daemon.process().wait(3s) == 0);
}

TEST_CASE("SIGTERM drains at once while a save waits for the disk, and the process ends with the disk",
          "[drain][daemon]") {
  const FailingSaves saves;
  ScriptedProvider provider(slowly(is_sanitized ? 3s : 1s));
  Gateway daemon({{"only", provider.base_url()}}, {}, "en", saves.surroundings());
  std::vector<RawClient> clients = begin_streams(daemon, 1, false);
  const std::string kept = daemon.folder().file("data/config.last-good.json");
  const AdminClient admin(daemon);
  RawClient saving(daemon.port());
  SECTION("the config that has served") {
    saves.fail("fsync .config.last-good.json.new 1 0");
  }
  SECTION("an administrator's, and a reload behind it") {
    saves.fail("fsync .config.json.new 1 0");
    saving.send(admin.request("PUT", "/api/config", R"({"max_retries":9})"));
    REQUIRE(comes_true([&] { return std::filesystem::exists(daemon.folder().file(".config.json.new")); }));
    daemon.process().signal(SIGHUP);
    std::this_thread::sleep_for(100ms);
  }
  daemon.process().signal(SIGTERM);
  REQUIRE(daemon.process().says("stopping; calls in flight: 1", 2s));
  CHECK(outcome_of(daemon.ask(true)) == "503 '[error overloaded]'");
  CHECK(outcome_of(clients.front().read_answer()) == "200 'one two[DONE]' by only after 1");
  CHECK_FALSE(daemon.process().wait(500ms));
  CHECK_FALSE(std::filesystem::exists(kept));
  saves.stop();
  CHECK(daemon.process().wait(8s) == 0);
  CHECK(daemon.process().output().find("stopped") != std::string::npos);
  CHECK(std::filesystem::exists(kept));
}

TEST_CASE("a second signal ends calls at once, and soon the process, while the disk does not answer",
          "[drain][daemon]") {
  const FailingSaves saves;
  ScriptedProvider provider(slowly(10s));
  Gateway daemon({{"only", provider.base_url()}}, {}, "en", saves.surroundings());
  saves.fail("fsync .config.last-good.json.new 1 0");
  std::vector<RawClient> clients = begin_streams(daemon, 1, true);
  daemon.process().signal(SIGTERM);
  REQUIRE(daemon.process().says("stopping; calls in flight: 1", 2s));
  daemon.process().signal(SIGTERM);
  CHECK_FALSE(clients.front().read_answer(2s).is_whole);
  CHECK(clients.front().sees_close(1s));
  CHECK(daemon.process().wait(10s) == 1);
  CHECK(daemon.process().errors().find("the disk does not answer") != std::string::npos);
}
