// The log of the real binary: what happened is what it shows, everywhere, live and after a kill.
#include <algorithm>
#include <atomic>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "demo/chat_scripts.h"
#include "demo/scripted_provider.h"
#include "integration/admin_client.h"
#include "integration/gateway.h"
#include "support/catch.h"
#include "support/log_lines.h"

namespace {

using namespace airouterd::demo;
using namespace gateway;
namespace fs = std::filesystem;

// Providers for the models "ok", "rescued", "failed" and "hangs".
struct Providers {
  ScriptedProvider good{saying({"Hello"})};
  ScriptedProvider bad{
      [](const ReceivedRequest&, int) { return chat_error(429, "slow down", "requests", "rate"); }};
  ScriptedProvider silent{[](const ReceivedRequest&, int) { return Script().hang(); }};

  std::vector<Entry> entries() {
    return {{"bad", bad.base_url(), always_first, R"(["rescued","failed"])"},
            {"good", good.base_url(), 1, R"(["ok","rescued"])"},
            {"silent", silent.base_url(), 1, R"(["hangs"])"}};
  }
};

void cancel_one(const Gateway& daemon, const ScriptedProvider& silent) {
  RawClient client(daemon.port());
  const int before = silent.request_count();
  client.send(chat_request(chat_body(false, "hangs")));
  REQUIRE(comes_true([&] { return silent.request_count() > before; }));
  client.close();
}

// "ok 1, rescued 1, …" by /api/logs/stats, where the good ones are counted together.
std::string day_of(const AdminClient& admin) {
  const std::string body = admin.get("/api/logs/stats").body;
  std::string text;
  for (const char* name : {"total", "successful", "rescued", "failed", "cancelled", "refused"})
    text += (text.empty() ? "" : ", ") + std::string(name) + " " +
            member_of(body, {std::string(name) + "_requests"});
  return text + ", tokens " + member_of(body, {"total_tokens"});
}

std::string overview_of(const AdminClient& admin, std::string_view range) {
  const std::string body = admin.get("/api/overview?range=" + std::string(range)).body;
  std::string text;
  for (const std::string_view name :
       {"requests", "ok", "rescued", "failed", "cancelled", "tokens_in", "tokens_out"})
    text += (text.empty() ? "" : ", ") + std::string(name) + " " + member_of(body, {"totals", name});
  return text;
}

// How many items a list in an answer has.
std::size_t count_of(const std::string& body, std::string_view list) {
  const json::Parsed parsed = json::parse(body);
  const json::Value* items = parsed.value ? parsed.value->find(list) : nullptr;
  REQUIRE(items != nullptr);
  return items->items.size();
}

fs::path log_file(const Gateway& daemon) {
  for (const auto& entry : fs::directory_iterator(daemon.folder().file("data/logs")))
    return entry.path();
  return {};
}

std::vector<std::string> lines_of(const fs::path& file) {
  std::vector<std::string> lines;
  std::ifstream stream(file);
  for (std::string line; std::getline(stream, line);)
    lines.push_back(line);
  return lines;
}

bool ends_in_line_end(const fs::path& file) {
  const std::string text = log_lines::content_of(file);
  return text.empty() || text.ends_with('\n');
}

// Ids and types of the events of a stream of logs, "request response".
std::string types_in(const std::string& body) {
  std::string types;
  for (std::size_t at = 0; (at = body.find("\"type\":\"", at)) != std::string::npos;) {
    at += 8;
    types += (types.empty() ? "" : " ") + body.substr(at, body.find('"', at) - at);
  }
  return types;
}

std::string last_id_in(const std::string& body) {
  const auto at = body.rfind("id: ") + 4;
  return body.substr(at, body.find('\n', at) - at);
}

}  // namespace

TEST_CASE("one ok, one rescued, one failed, one cancelled, one refused: so says everybody, also after a kill",
          "[log][daemon]") {
  Providers providers;
  Gateway daemon(providers.entries());
  CHECK(daemon.post(chat_body(false, "ok")).status == 200);
  CHECK(daemon.post(chat_body(false, "rescued")).status == 200);
  CHECK(daemon.post(chat_body(false, "failed")).status == 429);
  cancel_one(daemon, providers.silent);
  CHECK(daemon.post(chat_body(false, "ok"), "origin: https://evil.example\r\n").status == 403);
  REQUIRE(comes_true([&] { return daemon.requests() == "total 4, ok 1, rescued 1, failed 1, cancelled 1"; }));

  const std::string day = "total 4, successful 2, rescued 1, failed 1, cancelled 1, refused 1, tokens 24";
  const std::string overview =
      "requests 4, ok 1, rescued 1, failed 1, cancelled 1, tokens_in 18, tokens_out 6";
  for (const bool is_again : {false, true}) {
    CAPTURE(is_again);
    if (is_again) daemon.restart(SIGKILL);
    const AdminClient admin(daemon);
    CHECK(day_of(admin) == day);
    CHECK(overview_of(admin, "today") == overview);
    CHECK(overview_of(admin, "24h") == overview);
    for (const char* result : {"ok", "rescued", "failed", "cancelled"}) {
      const std::string body = admin.get("/api/requests?result=" + std::string(result)).body;
      CAPTURE(body);
      CHECK(count_of(body, "requests") == 1);
      CHECK(member_of(body, {"requests", "0", "result"}) == result);
    }
    const std::string body = admin.get("/api/requests").body;
    CHECK(count_of(body, "requests") == 4);
    const std::string id = member_of(admin.get("/api/requests?result=rescued").body, {"requests", "0", "id"});
    const std::string one = admin.get("/api/requests/" + id).body;
    CHECK(member_of(one, {"id"}) == id);
    CHECK(member_of(one, {"attempts", "0", "kind"}) == "rate_limited");
    CHECK(member_of(one, {"attempts", "0", "detail"}) == "slow down");
    CHECK(member_of(one, {"attempts", "1", "provider"}) == "good");
    CHECK(member_of(one, {"usage", "input_tokens"}) == "9");
    const std::string logs = admin.get("/api/logs?log_type=error").body;
    CHECK(count_of(logs, "logs") == 3);
    CHECK(count_of(admin.get("/api/logs?status=499").body, "logs") == 1);
    CHECK(count_of(admin.get("/api/logs?status=4xx&log_type=error").body, "logs") == 3);
    CHECK(count_of(admin.get("/api/logs?level=warning&model=rescued&log_type=response").body, "logs") == 1);
    CHECK(count_of(admin.get("/api/logs?q=SLOW%20down&log_type=response").body, "logs") == 1);
    CHECK(count_of(admin.get("/api/logs?provider=good&log_type=response").body, "logs") == 2);
    CHECK(member_of(admin.get("/api/admin/system-stats").body, {"logs", "total_requests"}) == "4");
    CHECK(member_of(admin.get("/api/logs/hourly?days=1").body, {}).find(":4") != std::string::npos);
    CHECK(log_lines::content_of(log_file(daemon)).find(canary) == std::string::npos);
    CHECK(log_lines::content_of(log_file(daemon)).find("\"Hi\"") == std::string::npos);
  }
}

TEST_CASE("a request is live before it is answered, and who comes back misses nothing", "[log][daemon]") {
  Providers providers;
  Gateway daemon(providers.entries());
  const AdminClient admin(daemon);
  const auto stream_from = [&](std::string_view path, const std::string& last_id = {}) {
    auto client = std::make_unique<RawClient>(daemon.port());
    client->send(AdminClient(daemon).request("GET", path, {},
                                             last_id.empty() ? "" : "last-event-id: " + last_id + "\r\n"));
    REQUIRE(client->read_head());
    CHECK(client->answer().header("content-type") == "text/event-stream");
    return client;
  };
  const auto requests = stream_from("/api/requests/stream");
  RawClient waiting(daemon.port());
  const auto begin = steady_clock::now();
  waiting.send(chat_request(chat_body(false, "hangs")));
  REQUIRE(requests->read_until("event: start"));
  CHECK(steady_clock::now() - begin < (is_sanitized ? 3s : 500ms));
  CHECK(count_of(admin.get("/api/requests").body, "requests") == 1);
  waiting.close();
  REQUIRE(requests->read_until("event: end"));
  REQUIRE(requests->read_until("\n\n", 5s, requests->answer().body.find("event: end")));
  CHECK(requests->answer().body.find(R"("result":"cancelled")") != std::string::npos);
  CHECK(requests->answer().body.find("event: attempt") != std::string::npos);

  auto logs = stream_from("/api/logs/stream");
  CHECK(daemon.post(chat_body(false, "ok")).status == 200);
  REQUIRE(logs->read_until("\"type\":\"response\""));
  REQUIRE(logs->read_until("\n\n", 5s, logs->answer().body.find("\"type\":\"response\"")));
  CHECK(types_in(logs->answer().body) == "request response");
  const std::string last = last_id_in(logs->answer().body);
  logs->close();
  CHECK(daemon.post(chat_body(false, "ok")).status == 200);
  CHECK(daemon.post(chat_body(false, "ok")).status == 200);
  logs = stream_from("/api/logs/stream", last);
  REQUIRE(comes_true([&] {
    logs->read_until("never", 20ms);
    return types_in(logs->answer().body) == "request response request response";
  }));

  daemon.restart(SIGKILL);
  logs = stream_from("/api/logs/stream", last);
  REQUIRE(comes_true([&] {
    logs->read_until("never", 20ms);
    return types_in(logs->answer().body) == "response response";
  }));
  CHECK(logs->answer().body.find("dropped") == std::string::npos);

  // The end of the server is the end of the stream, and it does not wait for it.
  daemon.process().signal(SIGTERM);
  CHECK(logs->read_answer(5s).is_whole);
  CHECK(daemon.process().wait(3s) == 0);
}

TEST_CASE("a log file that is moved away under load is begun again, and no line is torn or lost",
          "[log][daemon]") {
  Providers providers;
  Gateway daemon(providers.entries());
  std::atomic<bool> is_over{false};
  std::atomic<int> answered{0};
  std::vector<std::thread> clients;
  for (int i = 0; i < 4; ++i)
    clients.emplace_back([&] {
      while (!is_over)
        if (daemon.post(chat_body(false, "ok")).status == 200) ++answered;
    });
  std::vector<fs::path> files;
  for (int i = 0; i < 3; ++i) {
    const int before = answered;
    comes_true([&] { return answered >= before + 30; });
    const fs::path file = log_file(daemon);
    files.push_back(daemon.folder().file("moved-" + std::to_string(i)));
    fs::rename(file, files.back());
    comes_true([&] { return !log_file(daemon).empty(); });
  }
  is_over = true;
  for (std::thread& client : clients)
    client.join();
  const AdminClient admin(daemon);
  CHECK(day_of(admin).starts_with("total " + std::to_string(answered) + ","));
  files.push_back(log_file(daemon));
  int written = 0;
  for (const fs::path& file : files) {
    CHECK(ends_in_line_end(file));
    for (const std::string& line : lines_of(file))
      written += log_lines::member(line, "result") == "ok" ? 1 : 0;
  }
  CHECK(written == answered);
}

TEST_CASE("what is asked of the log wrongly is named, and nobody asks without the token", "[log][daemon]") {
  Providers providers;
  Gateway daemon(providers.entries());
  const AdminClient admin(daemon);
  const RawAnswer wrong =
      admin.get("/api/logs?limit=0&level=loud&log_type=x&before=-1&status=99&result=no&model=%ff&q=" +
                std::string(600, 'q'));
  CHECK(wrong.status == 400);
  CHECK(member_of(wrong.body, {"code"}) == "invalid_parameters");
  std::string fields;
  for (int i = 0; i < 8; ++i)
    fields += member_of(wrong.body, {"problems", std::to_string(i), "field"}) + " ";
  CHECK(fields == "limit before model q result status level log_type ");
  for (const char* target :
       {"/api/logs?limit=1001", "/api/logs?limit=1.5", "/api/logs/stats?date=2026-02-30",
        "/api/logs/stats?date=today", "/api/logs/hourly?days=0", "/api/logs/hourly?days=31",
        "/api/overview?range=week", "/api/requests?before=x"}) {
    CAPTURE(target);
    CHECK(admin.get(target).status == 400);
  }
  CHECK(admin.get("/api/logs/stream", "last-event-id: x\r\n").status == 400);
  CHECK(admin.get("/api/requests/nothing").status == 404);
  CHECK(admin.get("/api/logs/stats?date=2020-01-01").status == 200);
  for (const char* target :
       {"/api/logs", "/api/logs/stream", "/api/logs/stats", "/api/logs/hourly", "/api/requests",
        "/api/requests/x", "/api/requests/stream", "/api/overview", "/api/admin/system-stats"}) {
    CAPTURE(target);
    CHECK(daemon.get(target).status == 401);
    CHECK(daemon.send(admin.request("HEAD", target)).status ==
          (std::string_view(target).ends_with("/x") ? 404 : 200));
  }
  CHECK(count_of(admin.get("/api/logs?q=not%20let%20in&limit=1000").body, "logs") == 9);
  CHECK(day_of(admin).starts_with("total 0, successful 0, rescued 0, failed 0, cancelled 0, refused 0"));
}

TEST_CASE("the console speaks JSON, and of no less than is asked for", "[log][daemon]") {
  Providers providers;
  const std::string level = GENERATE(as<std::string>{}, "debug", "info", "warning", "error");
  Gateway daemon(providers.entries(), {}, "en", {}, {"--log-format", "json", "--log-level", level});
  CHECK(daemon.post(chat_body(false, "ok")).status == 200);
  CHECK(daemon.post(chat_body(false, "failed")).status == 429);
  const auto said = [&] {
    std::string types;
    const std::string output = daemon.process().output();
    for (std::size_t at = 0, end = 0; (end = output.find('\n', at)) != std::string::npos; at = end + 1) {
      const std::string line = output.substr(at, end - at);
      CHECK(json::parse(line).value);
      types += log_lines::member(line, "type") + " ";
    }
    return types;
  };
  const std::string wanted = level == "debug"     ? "system request response request system error "
                             : level == "info"    ? "system response system error "
                             : level == "warning" ? "system system error "
                                                  : "system error ";
  comes_true([&] { return said() == wanted; });
  CAPTURE(level);
  CHECK(said() == wanted);
}
