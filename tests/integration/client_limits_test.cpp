#include <algorithm>
#include <poll.h>
#include <string>
#include <string_view>
#include <vector>

#include "admin/panel_files.h"
#include "demo/chat_scripts.h"
#include "demo/scripted_provider.h"
#include "integration/gateway.h"
#include "integration/memory_watch.h"
#include "routes.h"
#include "support/catch.h"

// Clients that send too much, too deep, too many at once or all in one piece.
namespace {

using namespace airouterd::demo;
using namespace gateway;

constexpr std::size_t mebibyte = 1 << 20;

// Who is refused before the body is looked at, by whatever rule.
struct Stranger {
  std::string name{}, head{};
  int status = 0;
};

std::string post_head(std::string_view target, std::string_view lines) {
  return "POST " + std::string(target) + " HTTP/1.1\r\nhost: 127.0.0.1\r\n" + std::string(lines);
}

const std::vector<Stranger> strangers{
    {"nobody's route", post_head("/v1/nothing", "authorization: Bearer k\r\n"), 404},
    {"another method's route", post_head("/v1/models", "authorization: Bearer k\r\n"), 405},
    {"no key", post_head("/v1/chat/completions", {}), 401},
    {"a wrong key", post_head("/v1/chat/completions", "authorization: Bearer wrong\r\n"), 401},
    {"a refused peer", post_head("/v1/chat/completions", "x-forwarded-for: 203.0.113.9\r\n"), 401},
    {"a page of another site", post_head("/v1/chat/completions", "origin: https://evil.example\r\n"), 403},
};

// Sends `piece` again and again, 64 MiB at most, and tells how much the server let in.
std::size_t flood(RawClient& client, const std::string& piece) {
  std::size_t sent = 0;
  while (sent < 64 * mebibyte && client.send(piece))
    sent += piece.size();
  return sent;
}

// How long the slowest of `count` clients that connect at the same instant waits for its answer.
milliseconds slowest_of(const Gateway& daemon, std::size_t count) {
  std::vector<RawClient> clients;
  std::vector<steady_clock::time_point> begin;
  clients.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    begin.push_back(steady_clock::now());
    clients.emplace_back(daemon.port());
  }
  for (RawClient& client : clients)
    client.send(chat_request(chat_body()));
  milliseconds slowest{0};
  for (std::size_t i = 0; i < count; ++i) {
    const RawAnswer answer = clients[i].read_answer();
    REQUIRE(outcome_of(answer) == "200 'Hello' by only after 1");
    slowest = std::max(slowest, std::chrono::ceil<milliseconds>(answer.end_at - begin[i]));
  }
  return slowest;
}

// Everything that comes until the server closes, or is silent for a while.
std::size_t answered_bytes(const Gateway& daemon, const std::string& bytes) {
  RawClient client(daemon.port());
  client.send(bytes);
  std::size_t all = 0;
  for (std::string piece = client.read_some(65'536, 500ms); !piece.empty();
       piece = client.read_some(65'536, 200ms))
    all += piece.size();
  return all;
}

}  // namespace

TEST_CASE("a request line that is too long is refused on every route", "[limits][daemon]") {
  ScriptedProvider provider(saying({"no"}));
  const Gateway daemon({{"only", provider.base_url()}});
  for (const std::size_t bytes : {std::size_t{2'100}, std::size_t{100'000}, mebibyte}) {
    INFO(bytes);
    const std::string letters(bytes, 'x');
    CHECK(daemon.get("/" + letters).status == 414);
    CHECK(daemon.get("/v1/models/" + letters).status == 414);
    CHECK(daemon.get("/v1/models?" + letters).status == 414);
    CHECK(daemon.send(letters).status == 414);
    CHECK(daemon.send(raw_request("GET", "http://127.0.0.1/" + letters)).status == 414);
  }
  CHECK(daemon.send(raw_request(std::string(1'000, 'X'), "/")).status == 501);
  CHECK(provider.connection_count() == 0);
}

TEST_CASE("header lines that are too many or too large are refused in bounded memory", "[limits][daemon]") {
  Gateway daemon({});
  const MemoryWatch memory(daemon.process());
  std::string many;
  for (int i = 0; i < 100'000; ++i)
    many += "x-" + std::to_string(i) + ": y\r\n";
  for (const std::string& lines :
       {many, "x: " + std::string(mebibyte, 'y') + "\r\n", std::string(mebibyte, 'x') + ": y\r\n",
        std::string(mebibyte, 'x'), "x:" + std::string(mebibyte, ' ') + "y\r\n"}) {
    INFO(lines.substr(0, 20));
    const RawAnswer answer = daemon.get("/v1/models", lines);
    CHECK(answer.status == 431);
    CHECK(answer.header("connection") == "close");
  }
  CHECK(daemon.get("/v1/models", "x: " + std::string(30'000, 'y') + "\r\n").status == 200);
  if (!is_sanitized) CHECK(memory.peak_growth() < 3'000);
}

TEST_CASE("a wrong key of a megabyte is refused by its size, a smaller one by its value",
          "[limits][daemon]") {
  ScriptedProvider provider(saying({"no"}));
  const Gateway daemon({{"only", provider.base_url()}}, R"("client_auth":"required")");
  for (const auto* const field :
       {"authorization: Bearer ", "authorization: ", "x-api-key: ", "api-key: ", "x-goog-api-key: "}) {
    INFO(field);
    for (const auto& [bytes, status] :
         std::vector<std::pair<std::size_t, int>>{{mebibyte, 431}, {30'000, 401}, {1, 401}, {0, 401}}) {
      const RawAnswer answer = daemon.post(chat_body(), field + std::string(bytes, 'k') + "\r\n");
      CHECK(answer.status == status);
      CHECK((answer.head + answer.body).size() < 1'000);
    }
  }
  CHECK(provider.connection_count() == 0);
}

TEST_CASE("strangers' bodies are never read, however they are framed", "[limits][daemon]") {
  ScriptedProvider provider(saying({"no"}));
  Gateway daemon({{"only", provider.base_url()}}, R"("client_auth":"required")");
  const MemoryWatch memory(daemon.process());
  const std::string zeros(65'536, '0');
  for (const Stranger& stranger : strangers) {
    for (const bool is_chunked : {false, true}) {
      INFO(stranger.name << (is_chunked ? ", chunked" : ""));
      const auto began = steady_clock::now();
      RawClient client(daemon.port());
      client.send(stranger.head + (is_chunked ? "transfer-encoding: chunked\r\n\r\n"
                                              : "content-length: 99999999999\r\n\r\n"));
      // What the kernels between both ends hold is let in, too.
      CHECK(flood(client, is_chunked ? chunk(zeros) : zeros) < 16 * mebibyte);
      const RawAnswer answer = client.read_answer();
      CHECK(answer.status == stranger.status);
      CHECK(answer.header("connection") == "close");
      CHECK(client.sees_close());
      CHECK(steady_clock::now() - began < 5s);
    }
  }
  CHECK(provider.connection_count() == 0);
  if (!is_sanitized) CHECK(memory.peak_growth() < 4'000);
}

TEST_CASE("a body beyond the limit is given up at the limit, however it is framed", "[limits][daemon]") {
  ScriptedProvider provider(saying({"no"}));
  Gateway daemon({{"only", provider.base_url()}}, R"("body_limit_mb":2)");
  const MemoryWatch memory(daemon.process());
  const std::string spaces(65'536, ' ');
  for (const std::string& framing : {std::string("content-length: 99999999999\r\n\r\n"),
                                     std::string("transfer-encoding: chunked\r\n\r\n")}) {
    INFO(framing);
    RawClient client(daemon.port());
    client.send(post_head("/v1/chat/completions", framing));
    CHECK(flood(client, framing[0] == 't' ? chunk(spaces) : spaces) < 20 * mebibyte);
    const RawAnswer answer = client.read_answer();
    CHECK(answer.status == 413);
    CHECK(answer.header("connection") == "close");
    CHECK(client.sees_close());
  }
  CHECK(provider.connection_count() == 0);
  // The body, and once more while its buffer grows.
  if (!is_sanitized) CHECK(memory.peak_growth() < 8'000);
}

TEST_CASE("ten requests in one packet are answered in order", "[pipelining][daemon]") {
  ScriptedProvider provider([](const ReceivedRequest& request, int) {
    const auto at = request.body.find("word-");
    return Script().pause(5ms).then(chat(request, {request.body.substr(at, 6)}));
  });
  Gateway daemon({{"only", provider.base_url()}});
  std::string bytes;
  for (int i = 0; i < 10; ++i) {
    bytes += chat_request(R"({"model":"gpt-4","messages":[{"role":"user","content":"word-)" +
                          std::to_string(i) + R"("}],"stream":)" + (i % 3 == 2 ? "true}" : "false}"));
  }
  RawClient client(daemon.port());
  REQUIRE(bytes.size() < 4'096);
  client.send(bytes);
  for (int i = 0; i < 10; ++i) {
    CHECK(words_of(client.read_answer().body) == "word-" + std::to_string(i) + (i % 3 == 2 ? "[DONE]" : ""));
  }
  CHECK(daemon.requests() == "total 10, ok 10, rescued 0, failed 0, cancelled 0");
}

TEST_CASE("what is sent behind a request that streams waits for the stream's end", "[pipelining][daemon]") {
  ScriptedProvider provider([](const ReceivedRequest& request, int) {
    if (!asks_for_stream(request.body)) return chat(request, {"plain"});
    const std::string model = requested_model(request.body);
    return sse_open({content_chunk(model, "one")})
        .pause(200ms)
        .send(chunk(event(content_chunk(model, " two")) + event(finish_chunk(model)) + event("[DONE]")) +
              chunk(""));
  });
  Gateway daemon({{"only", provider.base_url()}});
  const std::string behind = raw_request("GET", "/health") + chat_request(chat_body());
  const bool is_in_one_packet = GENERATE(true, false);
  RawClient client(daemon.port());
  client.send(chat_request(chat_body(true)) + (is_in_one_packet ? behind : ""));
  REQUIRE(client.read_head());
  REQUIRE(client.read_until("one"));
  if (!is_in_one_packet) client.send(behind);
  CHECK(provider.request_count() == 1);
  CHECK(words_of(client.read_answer().body) == "one two[DONE]");
  CHECK(client.read_answer().body.find("healthy") != std::string::npos);
  CHECK(words_of(client.read_answer().body) == "plain");
  CHECK(daemon.requests() == "total 2, ok 2, rescued 0, failed 0, cancelled 0");
}

TEST_CASE("behind a request that ends its connection nothing is answered", "[pipelining][daemon]") {
  ScriptedProvider provider(saying({"Hello"}));
  const Gateway daemon({{"only", provider.base_url()}});
  const std::string first = GENERATE(chat_request(chat_body(), "connection: close\r\n"),
                                     chat_request(chat_body(true), "connection: close\r\n"));
  RawClient client(daemon.port());
  client.send(first + chat_request(chat_body()));
  CHECK(client.read_answer().status == 200);
  CHECK(client.sees_close());
  CHECK(provider.request_count() == 1);
}

TEST_CASE("three hundred clients that connect at one instant are all answered soon", "[limits][daemon]") {
  ScriptedProvider provider(saying({"Hello"}));
  const Gateway daemon({{"only", provider.base_url()}});
  // A connect that the kernel turns away is tried again after a second: that must never be.
  constexpr milliseconds allowed = is_sanitized ? 5s : 900ms;
  milliseconds best{1h};
  for (int tries = 0; tries < 4 && best >= allowed; ++tries)
    best = std::min(best, slowest_of(daemon, 300));
  CHECK(best < allowed);
}

TEST_CASE("no stranger gets more than twenty bytes for each of his", "[limits][daemon]") {
  std::vector<Entry> entries;
  for (int i = 0; i < 50; ++i)
    entries.push_back({"provider-" + std::to_string(i), "http://127.0.0.1:1/v1", 1,
                       R"(["model-)" + std::to_string(i) + R"(-with-a-long-name"])"});
  const Gateway daemon(entries, R"("client_auth":"required")");
  // What a connection costs its client in packets before it says anything is more than this.
  constexpr std::size_t bytes_least = 32;
  const std::string quotes(2'000, '"'), host = "host: 127.0.0.1\r\n";
  const std::vector<std::string> inputs{
      "\x16",
      "\n",
      "GET /\n",
      "GET /v1\r\n\r\n",
      "GET / HTTP/1.0\r\n\r\n",
      "GET /health HTTP/1.0\r\n\r\n",
      "GET /models HTTP/1.0\r\n\r\n",
      "GET /v1/models/x HTTP/1.0\r\n\r\n",
      "OPTIONS /v1 HTTP/1.0\r\n\r\n",
      "PUT /models HTTP/1.0\r\n\r\n",
      "PUT /stats HTTP/1.0\r\n\r\n",
      "GET /x HTTP/1.0\r\n\r\n",
      "POST /chat/completions HTTP/1.0\r\n\r\n",
      "GET /models HTTP/1.0\r\norigin: http://a\r\n\r\n",
      "GET /stats HTTP/1.0\r\nvia: a\r\n\r\n",
      raw_request("GET", "/" + quotes),
      raw_request("GET", "/v1/" + quotes),
      raw_request("GET", "/v1/models", {}, "range: bytes=0-,0-,0-,0-,0-,0-,0-,0-,0-,0-\r\n"),
      raw_request("GET", "/", {}, "range: bytes=0-0,0-1,0-2,0-3,0-4,0-5\r\naccept-encoding: gzip\r\n"),
      raw_request("OPTIONS", "/v1/models", {},
                  "access-control-request-headers: " + std::string(1'000, 'a') + "\r\norigin: http://a\r\n"),
      "POST /v1/chat/completions HTTP/1.1\r\n" + host + "expect: 100-continue\r\ncontent-length: 5\r\n\r\n"};
  for (const std::string& input : inputs) {
    INFO(input.substr(0, 100));
    const std::size_t out = answered_bytes(daemon, input);
    CHECK(out > 0);
    CHECK(out <= 20 * std::max(input.size(), bytes_least));
  }
  // Many in one packet are worth no more each.
  std::string many;
  for (int i = 0; i < 100; ++i)
    many += "GET /models HTTP/1.1\r\nhost:\r\n\r\n";
  CHECK(answered_bytes(daemon, many) <= 20 * many.size());
}

TEST_CASE("no route gives a stranger more than twenty bytes for each of his, but for the panel's files",
          "[limits][daemon]") {
  const Gateway daemon({{"only", "http://127.0.0.1:1/v1"}}, R"("client_auth":"required")");
  // Nobody that a proxy nobody trusts speaks for is on this machine.
  const std::string head_lines = "host: 127.0.0.1\r\nvia: a\r\n";
  for (const auto& route : airouterd::routes()) {
    if (route.path == "/admin/{file...}") continue;
    std::string path(route.path);
    if (const auto begin = path.find('{'); begin != std::string::npos)
      path.replace(begin, path.find('}') - begin + 1, "x");
    for (const std::string_view more : {"", "accept-language: zh\r\n", "accept-encoding: gzip\r\n"}) {
      const std::string input =
          std::string(route.method) + " " + path + " HTTP/1.0\r\n" + head_lines + std::string(more) + "\r\n";
      INFO(input);
      const std::size_t out = answered_bytes(daemon, input);
      CHECK(out > 0);
      CHECK(out <= 20 * input.size());
    }
  }
  for (const airouterd::admin::PanelFile& file : airouterd::admin::panel_files()) {
    const std::string path = "/admin/" + std::string(file.name == "index.html" ? "" : file.name);
    INFO(path);
    constexpr std::size_t head_bytes_max = 1'000;
    CHECK(answered_bytes(daemon, raw_request("GET", path)) <= file.bytes.size() + head_bytes_max);
    CHECK(answered_bytes(daemon, raw_request("GET", path, {}, "accept-encoding: gzip\r\n")) <=
          file.gzipped.size() + head_bytes_max);
    CHECK(file.bytes.size() <= 100'000);
  }
}
