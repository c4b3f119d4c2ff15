#include <string>
#include <string_view>
#include <vector>

#include "demo/chat_scripts.h"
#include "demo/scripted_provider.h"
#include "integration/admin_client.h"
#include "integration/gateway.h"
#include "support/catch.h"

// What clients get back: heads, errors, keep-alive comments, and who may read them.
namespace {

using namespace airouterd::demo;
using namespace gateway;

constexpr std::string_view chatty_upstream =
    "HTTP/1.1 200 OK\r\nserver: nginx\r\nset-cookie: a=1\r\nx-powered-by: PHP\r\ncf-ray: 1\r\nvia: 1.1 x\r\n"
    "access-control-allow-origin: https://evil.example\r\naccess-control-allow-credentials: true\r\n"
    "x-ratelimit-remaining-requests: 1\r\nopenai-organization: org\r\nopenai-processing-ms: 12\r\n"
    "openai-version: 2020-10-01\r\nx-request-id: req_upstream\r\nx-airouter-provider: liar\r\n"
    "strict-transport-security: max-age=1\r\nalt-svc: h3\r\nlocation: http://evil.example\r\nconnection: "
    "close\r\n";

// Whether a client may call with these fields: the status.
int status_with(const Gateway& daemon, std::string_view host, std::string_view more_head_lines = {},
                std::string_view path = "/v1/models") {
  return daemon
      .send("GET " + std::string(path) + " HTTP/1.1\r\nhost: " + std::string(host) + "\r\n" +
            std::string(more_head_lines) + "\r\n")
      .status;
}

}  // namespace

TEST_CASE("an answer tells who gave it and hides what else its provider said", "[wire][daemon]") {
  ScriptedProvider provider([](const ReceivedRequest& request, int) {
    if (asks_for_stream(request.body))
      return Script()
          .send(std::string(chatty_upstream) + "content-type: text/event-stream; charset=utf-8\r\n\r\n" +
                event(content_chunk("own", "Hi")) + event(finish_chunk("own")) + event("[DONE]"))
          .close();
    return Script()
        .send(std::string(chatty_upstream) + "content-type: text/plain; charset=utf-8\r\n\r\n" +
              chat_completion("own", "Hi"))
        .close();
  });
  Gateway daemon({{"only", provider.base_url(), 1, R"(["real"])"}}, R"("model_map":{"gpt-4":["real"]})");
  for (const bool stream : {false, true}) {
    INFO(stream);
    const RawAnswer answer = daemon.ask(stream);
    std::string names;
    for (const auto& [name, value] : answer.headers)
      names += name + " ";
    CHECK(answer.status == 200);
    CHECK(answer.header("content-type") == (stream ? "text/event-stream" : "application/json"));
    CHECK(answer.header("x-airouter-provider") == "only");
    CHECK(answer.header("x-airouter-model") == "real");
    CHECK(answer.header("x-airouter-attempts") == "1");
    CHECK(answer.header("openai-processing-ms") == "12");
    CHECK(answer.header("openai-version") == "2020-10-01");
    CHECK(answer.header("x-upstream-request-id") == "req_upstream");
    CHECK(answer.header("x-request-id").size() >= 8);
    CHECK(answer.header("x-request-id") != "req_upstream");
    CHECK(answer.header("access-control-allow-origin") == "*");
    for (const auto* name : {"x-request-id", "content-type", "access-control-allow-origin",
                             "access-control-expose-headers", "x-airouter-provider"})
      CHECK(answer.count(name) == 1);
    for (const auto* name :
         {"server", "set-cookie", "x-powered-by", "cf-ray", "via", "access-control-allow-credentials",
          "x-ratelimit-remaining-requests", "openai-organization", "strict-transport-security", "alt-svc",
          "location", "content-encoding"}) {
      INFO(names);
      CHECK(answer.count(name) == 0);
    }
    CHECK(answer.header("cache-control") == (stream ? "no-cache" : ""));
    CHECK(answer.header("x-accel-buffering") == (stream ? "no" : ""));
    CHECK(answer.body.find(R"("model":"gpt-4")") != std::string::npos);
    CHECK(answer.body.find("own") == std::string::npos);
  }
  CHECK(daemon.ask(false).header("x-request-id") != daemon.ask(false).header("x-request-id"));
}

TEST_CASE("answers of every size arrive whole, one after the other on one connection", "[wire][daemon]") {
  ScriptedProvider provider([](const ReceivedRequest& request, int) {
    const auto size = static_cast<std::size_t>(std::stoul(request.body.substr(request.body.rfind(':') + 1)));
    const std::size_t frame = chat_completion("gpt-4", "").size();
    return chat_answer("gpt-4", std::string(size - frame, 'x'));
  });
  Gateway daemon({{"only", provider.base_url()}});
  RawClient client(daemon.port());
  int asked = 0;
  for (const std::size_t size : {65'535U, 65'536U, 65'537U, 131'072U, 5'000'000U, 300U}) {
    INFO(size);
    client.send(chat_request(R"({"model":"gpt-4","messages":[{"role":"user","content":"Hi"}],"seed":)" +
                             std::to_string(size) + "}"));
    const RawAnswer answer = client.read_answer();
    CHECK((answer.status == 200 && answer.is_whole));
    CHECK(answer.body.size() == size);
    CHECK(answer.header("content-length") == std::to_string(size));
    // Whoever has the whole answer finds it counted.
    CHECK(daemon.stat({"requests", "ok"}) == std::to_string(++asked));
  }
}

TEST_CASE("a rejected request comes back verbatim, but without the provider's key", "[wire][daemon]") {
  const std::string words =
      R"({ "error" : {"message":"Incorrect: sk-canary-only","type":"x","extra":[1e2]}, "more":1 })";
  ScriptedProvider provider(json_answer(words, 422));
  Gateway daemon({{"only", provider.base_url()}});
  for (const bool stream : {false, true}) {
    const RawAnswer answer = daemon.ask(stream);
    CHECK(answer.status == 422);
    CHECK(answer.header("content-type") == "application/json");
    CHECK(answer.body == R"({ "error" : {"message":"Incorrect: ***","type":"x","extra":[1e2]}, "more":1 })");
    CHECK(answer.header("x-airouter-provider") == "only");
  }
  CHECK(daemon.get("/stats").body.find(canary) == std::string::npos);
  CHECK(daemon.said().find(canary) == std::string::npos);
}

TEST_CASE("a rejection that is no JSON is told in the four keys", "[wire][daemon]") {
  ScriptedProvider provider(answer(400, {{"Content-Type", "text/html"}}, "<script>alert(1)</script>"));
  Gateway daemon({{"only", provider.base_url()}});
  const RawAnswer answer = daemon.ask(false);
  CHECK(answer.status == 400);
  CHECK(answer.header("content-type") == "application/json");
  CHECK(words_of(answer.body) == "[error request_rejected]");
}

TEST_CASE("final failures have real statuses, four keys and a time to wait", "[wire][daemon]") {
  struct Row {
    Script script;
    int status;
    std::string code, said, retry_after;
  };
  const auto row = GENERATE_COPY(
      Row{chat_error(500, "a", "", ""), 502, "all_providers_failed", "only 500", ""},
      Row{chat_error(503, "a", "", ""), 503, "all_providers_failed", "only 503", "60"},
      Row{chat_error(504, "a", "", ""), 504, "all_providers_failed", "only 504", ""},
      Row{chat_error(429, "a", "", "", {{"retry-after", "7"}}), 429, "all_providers_failed", "only 429", "7"},
      Row{chat_error(429, "a", "", "", {{"retry-after", "900"}}), 429, "all_providers_failed", "only 429",
          "60"},
      Row{chat_error(401, "a", "", ""), 503, "all_providers_failed", "only 401", "60"},
      Row{chat_error(402, "a", "", ""), 503, "all_providers_failed", "only 402", "60"},
      Row{chat_error(404, "a", "", "model_not_found"), 404, "model_not_found", "only 404", ""},
      Row{chat_error(529, "a", "", ""), 503, "all_providers_failed", "only 529", "30"},
      Row{chat_error(408, "a", "", ""), 504, "all_providers_failed", "only 408", ""},
      Row{json_answer("{"), 502, "all_providers_failed", "only bad answer", ""},
      Row{Script().close(), 502, "all_providers_failed", "only network", ""});
  ScriptedProvider provider(row.script);
  Gateway daemon({{"only", provider.base_url()}});
  const RawAnswer answer = daemon.ask(GENERATE(false, true));
  INFO(answer.head << answer.body);
  CHECK(answer.status == row.status);
  CHECK(words_of(answer.body) == "[error " + row.code + "]");
  CHECK(answer.body.find("the only provider for 'gpt-4' failed: " + row.said + "\"") != std::string::npos);
  CHECK(answer.header("content-type") == "application/json");
  CHECK(answer.header("retry-after") == row.retry_after);
  CHECK(answer.header("x-airouter-attempts") == "1");
  CHECK(answer.header("access-control-allow-origin") == "*");
  CHECK(answer.body.find("127.0.0.1") == std::string::npos);
}

TEST_CASE("a waiting stream shows life, and failover goes on behind it", "[wire][daemon]") {
  ScriptedProvider first(Script().hang()), second([](const ReceivedRequest&request, int) {
    return Script().pause(300ms).then(chat(request, {"at ", "last"}));
  });
  Gateway daemon({{"first", first.base_url(), always_first, R"(["gpt-4"])", R"(,"timeout":0.5)"},
                  {"second", second.base_url()}},
                 R"("commit_after":0.2,"stream_keepalive":0.1)");
  RawClient client(daemon.port());
  const auto began = steady_clock::now();
  client.send(chat_request(chat_body(true)));
  REQUIRE(client.read_head());
  const auto waited = client.answer().head_at - began;
  CHECK(waited >= 200ms);
  CHECK(waited < 400ms);
  CHECK(client.answer().status == 200);
  CHECK(client.answer().header("content-type") == "text/event-stream");
  CHECK(client.answer().header("x-request-id") != "");
  CHECK(client.answer().count("x-airouter-provider") == 0);
  const RawAnswer answer = client.read_answer();
  CHECK(answer.is_whole);
  CHECK(words_of(answer.body) == "at last[DONE]");
  const auto output = answer.body.find("data: ");
  CHECK(output >= 3 * std::string_view(": keep-alive\n\n").size());
  CHECK(answer.body.find(": keep-alive", output) == std::string::npos);
  CHECK(daemon.requests() == "total 1, ok 0, rescued 1, failed 0, cancelled 0");
  CHECK(daemon.health("first") == "provider cooling timeout 120");
}

TEST_CASE("when everybody fails behind a committed stream, it ends with one error", "[wire][daemon]") {
  ScriptedProvider first(Script().pause(300ms).then(chat_error(500, "a", "", ""))), second(Script().close());
  Gateway daemon({{"first", first.base_url(), always_first}, {"second", second.base_url()}},
                 R"("commit_after":0.1,"stream_keepalive":0.05)");
  const RawAnswer answer = daemon.ask(true);
  CHECK(answer.status == 200);
  CHECK(!answer.is_whole);  // nobody may take it for a finished answer
  CHECK(words_of(answer.body) == "[error all_providers_failed]");
  CHECK(answer.body.find("first 500, second network") != std::string::npos);
}

TEST_CASE("a rejection behind a committed stream is one error event", "[wire][daemon]") {
  ScriptedProvider provider(
      Script().pause(200ms).then(json_answer("{\n \"error\": {\"message\":\"too\\nlong\"}\n}", 400)));
  Gateway daemon({{"only", provider.base_url()}}, R"("commit_after":0.05,"stream_keepalive":0.05)");
  const RawAnswer answer = daemon.ask(true);
  CHECK(answer.status == 200);
  CHECK(words_of(answer.body) == "[error request_rejected]");
}

TEST_CASE("keep-alive comments also fill the pauses after output", "[wire][daemon]") {
  ScriptedProvider provider(sse({content_chunk("gpt-4", "A"), finish_chunk("gpt-4"), "[DONE]"}, 350ms));
  Gateway daemon({{"only", provider.base_url()}}, R"("stream_keepalive":0.1)");
  const RawAnswer answer = daemon.ask(true);
  CHECK(words_of(answer.body) == "A[DONE]");
  CHECK(answer.body.find("\n\n: keep-alive\n\n: keep-alive\n\n") != std::string::npos);
}

TEST_CASE("a preflight is answered for everyone, and nobody else's cookies are asked for", "[wire][daemon]") {
  Gateway daemon({});
  const RawAnswer preflight =
      daemon.send(raw_request("OPTIONS", "/v1/chat/completions", {},
                              "origin: https://site.example\r\naccess-control-request-method: POST\r\n"
                              "access-control-request-headers: authorization,x-stainless-lang\r\n"));
  CHECK(preflight.status == 204);
  CHECK(preflight.header("access-control-allow-origin") == "*");
  CHECK(preflight.header("access-control-allow-methods").find("POST") != std::string::npos);
  CHECK(preflight.header("access-control-allow-headers") == "authorization,x-stainless-lang");
  CHECK(preflight.header("access-control-max-age") == "86400");
  CHECK(preflight.count("access-control-allow-credentials") == 0);
  for (const auto* path : {"/v1/models", "/v1/none", "/v1/models/none"})
    CHECK(daemon.get(path).count("access-control-allow-origin") == 1);
  for (const auto* path : {"/", "/health", "/stats", "/nothing"})
    CHECK(daemon.get(path).count("access-control-allow-origin") == 0);
  CHECK(daemon.send("GET /v1/models\r\n\r\n").status == 400);
}

TEST_CASE("pages of other sites may not spend the user's money", "[wire][daemon]") {
  ScriptedProvider provider(saying({"Hello"}));
  Gateway daemon({{"only", provider.base_url()}}, R"("allowed_origins":["https://friend.example"])");
  for (const auto* origin : {"https://evil.example", "null", "http://localhost.evil.example", "file://",
                             "https://friend.example.evil.example", "http://127.0.0.1.evil.example", "x"}) {
    INFO(origin);
    const RawAnswer answer =
        daemon.post(chat_body(), "authorization: Bearer sk-any\r\norigin: " + std::string(origin) + "\r\n");
    CHECK(answer.status == 403);
    CHECK(words_of(answer.body) == "[error origin_not_allowed]");
    CHECK(answer.header("access-control-allow-origin") == "*");
  }
  CHECK(provider.connection_count() == 0);
  for (const auto* origin :
       {"http://localhost:3000", "https://127.0.0.1", "http://[::1]:8080", "tauri://localhost",
        "app://obsidian.md", "capacitor://localhost", "https://friend.example"}) {
    INFO(origin);
    CHECK(daemon.post(chat_body(), "origin: " + std::string(origin) + "\r\n").status == 200);
  }
}

TEST_CASE("a host name that is not the server's own is refused", "[wire][daemon]") {
  Gateway daemon({}, R"("allowed_hosts":["box.lan"],"public_url":"https://ai.example/x")");
  for (const auto* path : {"/v1/models", "/stats"}) {
    INFO(path);
    for (const auto* host :
         {"127.0.0.1", "localhost:8000", "[::1]:1", "192.168.1.7:8000", "box.lan", "ai.example"})
      CHECK(status_with(daemon, host, {}, path) == 200);
    for (const auto* host :
         {"evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "box.lan.evil"})
      CHECK(status_with(daemon, host, {}, path) == 421);
  }
  CHECK(status_with(daemon, "evil.example", {}, "/health") == 200);
}

TEST_CASE("a request that came through a proxy is not from this machine", "[wire][daemon]") {
  Gateway daemon({});
  for (const auto* line : {"forwarded: for=127.0.0.1", "x-forwarded-for: 127.0.0.1",
                           "x-forwarded-host: localhost", "x-real-ip: 127.0.0.1", "via: 1.1 proxy"}) {
    INFO(line);
    CHECK(status_with(daemon, "localhost", std::string(line) + "\r\n") == 401);
    CHECK(status_with(daemon, "localhost", std::string(line) + "\r\n", "/stats") == 401);
  }
  CHECK(status_with(daemon, "localhost", "authorization: Bearer any\r\n") == 200);

  Gateway trusting({}, R"("trusted_proxies":["127.0.0.1"])");
  CHECK(status_with(trusting, "localhost", "x-forwarded-for: 127.0.0.1\r\n") == 200);
  CHECK(status_with(trusting, "localhost", "x-forwarded-for: 203.0.113.7\r\n") == 401);
}

TEST_CASE("behind a trusted proxy logs tell who asked, not who passed it on", "[wire][daemon]") {
  ScriptedProvider provider(saying({"Hello"}));
  Gateway daemon({{"only", provider.base_url()}}, R"("trusted_proxies":["127.0.0.1","10.0.0.0/8"])");
  const AdminClient admin(daemon);
  const std::string key = member_of(admin.post("/api/keys", R"({"name":"k"})").body, {"key"});
  const std::string via = "x-forwarded-for: 198.51.100.1, 203.0.113.7, 10.1.2.3\r\n";
  CHECK(daemon.post(chat_body(), via + "authorization: Bearer " + key + "\r\n").status == 200);
  CHECK(daemon.post(chat_body(), via).status == 401);
  CHECK(admin.post("/api/playground", chat_body(), via).status == 200);
  CHECK(daemon.send(raw_request("GET", "/api/keys", {}, via)).status == 401);
  std::string logs;
  REQUIRE(comes_true([&] {
    logs = admin.get("/api/logs?limit=100").body;
    std::size_t found = 0;
    for (auto at = logs.find("203.0.113.7"); at != std::string::npos; at = logs.find("203.0.113.7", at + 1))
      ++found;
    return found == 4 + 2;  // two of them were accepted, too
  }));
  CHECK(logs.find(R"("client_ip":"127.0.0.1")") == std::string::npos);
  CHECK(logs.find("198.51.100.1") == std::string::npos);
  CHECK(member_of(admin.get("/api/requests").body, {"requests", "0", "client_ip"}) == "203.0.113.7");
}

TEST_CASE("where keys are required, none is no way in", "[wire][daemon]") {
  ScriptedProvider provider(saying({"Hello"}));
  Gateway daemon({{"only", provider.base_url()}}, R"("client_auth":"required")");
  for (const auto* line : {"", "authorization: Bearer any\r\n", "x-api-key: sk-canary-only\r\n"}) {
    const RawAnswer answer = daemon.post(chat_body(), line);
    CHECK(answer.status == 401);
    CHECK(words_of(answer.body) == "[error invalid_api_key]");
  }
  CHECK(provider.connection_count() == 0);
  CHECK(daemon.get("/health").status == 200);
}

TEST_CASE("beyond max_in_flight requests are refused with a time to wait", "[wire][daemon]") {
  ScriptedProvider provider(Script().hang());
  Gateway daemon({{"only", provider.base_url()}}, R"("max_in_flight":1)");
  RawClient first(daemon.port());
  first.send(chat_request(chat_body()));
  REQUIRE(provider.wait_for([&] { return provider.request_count() == 1; }, 5s));
  const RawAnswer refused = daemon.ask(false);
  CHECK(outcome_of(refused) == "503 '[error overloaded]'");
  CHECK(refused.header("retry-after") == "1");
  CHECK(daemon.get("/health").status == 200);
  first.close();
  // Its place is free a moment after the provider's connection is.
  CHECK(comes_true([&] {
    RawClient second(daemon.port());
    second.send(chat_request(chat_body()));
    return provider.wait_for([&] { return provider.request_count() == 2; }, 100ms);
  }));
}
