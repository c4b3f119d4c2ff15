#include <string>
#include <vector>

#include "http/error_reply.h"
#include "http/server.h"
#include "integration/raw_http.h"

using namespace raw_http;
using namespace airouterd::http;

namespace {

Reply text_reply(std::string body, int status = 200) {
  Reply reply;
  reply.status = status;
  reply.headers.emplace_back("content-type", "text/plain");
  reply.body = std::move(body);
  return reply;
}

// Says what it was asked, and reads bodies of up to 1 000 bytes at /read.
Reply echo(Request& request) {
  if (request.path == "/throw") throw std::runtime_error("secret-canary");
  if (request.path == "/status") return text_reply("x", std::stoi(request.query));
  if (request.path == "/large") return text_reply(std::string(3'000'000, 'x'));
  std::string body = "unread";
  if (request.path == "/read") {
    auto read = request.read_body(1000);
    if (!read) return error_reply(read.error());
    body = *std::move(read);
  }
  return text_reply(request.method + " " + request.path + " ?" + request.query + " " + request.peer + " [" +
                    body + "]");
}

ServerOptions quick() {
  auto options = any_port();
  options.head_timeout = 200ms;
  options.body_grace = 200ms;
  options.write_timeout = 200ms;
  options.keep_alive_idle = 500ms;
  options.keep_alive_idle_when_busy = 100ms;
  return options;
}

}  // namespace

TEST_CASE("a request is answered and the connection goes on", "[http][server]") {
  RunningServer server(echo);
  Client client(server.port());
  const auto first = client.exchange(get("//models/?a=b%20c"));
  CHECK(status_of(first) == "200");
  CHECK(body_of(first) == "GET /v1/models ?a=b%20c 127.0.0.1 [unread]");
  CHECK(has(first, "x-request-id: req_"));
  CHECK_FALSE(has(first, "Keep-Alive"));
  CHECK_FALSE(has(first, "Connection"));
  CHECK(body_of(client.exchange(post("/read", "hello"))) == "POST /read ? 127.0.0.1 [hello]");
  CHECK(body_of(client.exchange("PUT /read HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi")) ==
        "PUT /read ? 127.0.0.1 [hi]");
  CHECK(body_of(client.exchange("DELETE /read HTTP/1.1\r\nHost: a\r\n\r\n")) ==
        "DELETE /read ? 127.0.0.1 []");
  CHECK(body_of(client.exchange("POST /read HTTP/1.1\r\nHost: a\r\n\r\n")) == "POST /read ? 127.0.0.1 []");
  CHECK(body_of(client.exchange("OPTIONS /x HTTP/1.1\r\nHost: a\r\n\r\n")) ==
        "OPTIONS /x ? 127.0.0.1 [unread]");
  CHECK(server.server().connections() == 1);
}

TEST_CASE("what the library would do with client headers does not happen", "[http][server]") {
  RunningServer server([](Request& request) {
    auto reply =
        text_reply(std::string(request.header("x-test")) + "|" + std::string(request.header("remote_addr")));
    reply.headers[0].second = "application/json";
    reply.body += std::string(5000, 'a');
    return reply;
  });
  Client client(server.port());
  const auto reply = client.exchange(get(
      "/" + std::string(2000, 'a'),
      "X-Test: a%0d%0ab\r\nREMOTE_ADDR: 6.6.6.6\r\nRange: bytes=0-1,0-1\r\nAccept-Encoding: gzip, br\r\n"));
  CHECK(status_of(reply) == "200");
  CHECK_FALSE(has(reply, "Content-Encoding"));
  CHECK(body_of(reply) == "a%0d%0ab|6.6.6.6" + std::string(5000, 'a'));
}

TEST_CASE("requests sent ahead are answered in order", "[http][server]") {
  RunningServer server(echo);
  Client client(server.port());
  std::string bytes;
  for (int i = 0; i < 50; ++i)
    bytes +=
        get("/" + std::to_string(i)) + post("/read", "b" + std::to_string(i)) + post("/no", "unread body");
  client.send(bytes);
  for (int i = 0; i < 50; ++i) {
    REQUIRE(body_of(client.reply()) == "GET /" + std::to_string(i) + " ? 127.0.0.1 [unread]");
    REQUIRE(body_of(client.reply()) == "POST /read ? 127.0.0.1 [b" + std::to_string(i) + "]");
    REQUIRE(body_of(client.reply()) == "POST /no ? 127.0.0.1 [unread]");
  }
}

TEST_CASE("one byte at a time makes no difference", "[http][server]") {
  RunningServer server(echo);
  Client client(server.port());
  for (const char c : post("/read", "hello") + post_chunked("/read", "3\r\nabc\r\n0\r\n\r\n"))
    client.send({&c, 1});
  CHECK(body_of(client.reply()) == "POST /read ? 127.0.0.1 [hello]");
  CHECK(body_of(client.reply()) == "POST /read ? 127.0.0.1 [abc]");
  CHECK(client.piece() == "<end>");
}

TEST_CASE("heads that are too slow, too large or broken are refused and the client can read why",
          "[http][server]") {
  RunningServer server(echo, quick());
  struct Row {
    std::string bytes, status;
  };
  std::string many;
  for (int i = 0; i < 200; ++i)
    many += "a: b\r\n";
  const std::vector<Row> rows{
      {"GET / HTTP/1.1\r\nHost: a\r\n", "408"},
      {"G", "408"},
      {get("/" + std::string(5000, 'a')), "414"},
      {get("/", "X: " + std::string(100'000, 'a') + "\r\n"), "431"},
      {get("/", many), "431"},
      {get("/", "Content-Length: 5\r\n") + "hello", "400"},
      {post("/", "x", "Content-Length: 1\r\n"), "400"},
      {post("/", "0\r\n\r\n", "Transfer-Encoding: chunked\r\n") + get("/smuggled"), "400"},
      {post("/", "x", "Transfer-Encoding : chunked\r\n"), "400"},
      {"GET / HTTP/1.1\nHost: a\n\n", "400"},
      {get("/", "A: b\r\n folded\r\n"), "400"},
      {post("/read", std::string(100'000, 'x'), "Content-Encoding: gzip\r\n"), "415"},
      {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "505"},
      {"BREW / HTTP/1.1\r\nHost: a\r\n\r\n", "501"},
      {"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", "400"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.bytes.substr(0, 100));
    Client client(server.port());
    client.send(row.bytes);
    const auto reply = client.all();
    CHECK(status_of(reply) == row.status);
    CHECK(has(reply, "\r\nconnection: close\r\n"));
    CHECK(has(reply, "\r\nx-request-id: req_"));
    CHECK(has(reply, R"({"error":{"message":")"));
    CHECK(has(reply, "<end>"));
    CHECK_FALSE(has(reply, "smuggled"));
  }
}

TEST_CASE("silence before the first request is no second helping of time for its head", "[http][server]") {
  ServerOptions options = quick();
  options.head_timeout = 2s;
  RunningServer server(echo, options);
  const auto begin = std::chrono::steady_clock::now();
  Client client(server.port());
  std::this_thread::sleep_for(1500ms);
  client.send("G");
  CHECK(status_of(client.all()) == "408");
  CHECK(std::chrono::steady_clock::now() - begin < 3200ms);
}

TEST_CASE("a refusal on the models' path can be read by pages, another one cannot", "[http][server]") {
  RunningServer server(echo, quick());
  Client client(server.port());
  client.send("GET /v1/models HTTP/1.1\r\nHost: a\r\nbroken\r\n\r\n");
  CHECK(has(client.all(), "access-control-allow-origin: *"));
  Client other(server.port());
  other.send("GET /api/keys HTTP/1.1\r\nHost: a\r\nbroken\r\n\r\n");
  CHECK_FALSE(has(other.all(), "access-control"));
}

TEST_CASE("a slow head cannot be kept alive by trickling", "[http][server]") {
  RunningServer server(echo, quick());
  Client client(server.port());
  const auto begin = std::chrono::steady_clock::now();
  client.send("GET / HTTP/1.1\r\nX: ");
  while (client.piece(20ms) == "<nothing>" && since(begin) < 3s)
    client.send("x");
  CHECK(since(begin) < 1s);
}

TEST_CASE("idle connections are closed without a word", "[http][server]") {
  RunningServer server(echo, quick());
  Client silent(server.port());
  CHECK(silent.piece() == "<end>");
  Client client(server.port());
  client.exchange(get("/"));
  const auto begin = std::chrono::steady_clock::now();
  CHECK(client.piece() == "<end>");
  CHECK(since(begin) > 300ms);
  CHECK(since(begin) < 1500ms);
}

TEST_CASE("idle connections leave sooner while the server is busy", "[http][server]") {
  auto options = quick();
  options.max_connections = 3;
  options.keep_alive_idle = 60s;
  RunningServer server(echo, options);
  Client first(server.port());
  first.exchange(get("/"));
  CHECK(first.piece(400ms) == "<nothing>");
  Client second(server.port());
  second.exchange(get("/"));
  const auto begin = std::chrono::steady_clock::now();
  CHECK(first.piece() == "<end>");
  CHECK(since(begin) < 1s);
}

TEST_CASE("bodies are bounded however they are framed and wherever they go", "[http][server][body]") {
  RunningServer server(echo, quick());
  const std::string large(2'000'000, 'x');
  const std::string large_chunk = "1e8480\r\n" + large + "\r\n0\r\n\r\n";
  for (const auto& request : {post("/read", large), post_chunked("/read", large_chunk)}) {
    Client client(server.port());
    client.send(request);
    const auto reply = client.all();
    CHECK(status_of(reply) == "413");
    CHECK(has(reply, "Connection: close"));
  }
  // Nobody reads these: the reply comes at once, and the connection ends.
  for (const auto& request : {post("/unknown", large), post_chunked("/unknown", large_chunk)}) {
    Client client(server.port());
    const auto begin = std::chrono::steady_clock::now();
    client.send(request);
    CHECK(status_of(client.all()) == "200");
    CHECK(since(begin) < 3s);
  }
}

TEST_CASE("chunked bodies are read strictly and end the connection", "[http][server][body]") {
  RunningServer server(echo, quick());
  struct Row {
    std::string body, expected;
  };
  const std::vector<Row> rows{
      {"5\r\nhello\r\n0\r\n\r\n", "200"},
      {"0\r\n\r\n", "200"},
      {"1;a=b\r\nx\r\n0\r\n\r\n", "200"},
      {"5\r\nhelloXX0\r\n\r\n", "400"},
      {"-5\r\nhello\r\n0\r\n\r\n", "400"},
      {"0x5\r\nhello\r\n0\r\n\r\n", "400"},
      {"5\nhello\n0\n\n", "400"},
      {"ffffffffffffffff\r\nhello\r\n", "400"},
      {"5\r\nhello\r\n0\r\nTrailer: x\r\n\r\n", "400"},
      {"\r\n", "400"},
      {"5\r\nhel", "408"},
      {"5;" + std::string(1'000'000, 'x'), "400"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.body.substr(0, 50));
    Client client(server.port());
    client.send(post_chunked("/read", row.body));
    const auto reply = client.all();
    CHECK(status_of(reply) == row.expected);
    CHECK(has(reply, "Connection: close"));
  }
  Client client(server.port());
  client.send(post_chunked("/read", "1\r\nx\r\n0\r\n\r\n") + get("/smuggled"));
  const auto reply = client.all();
  CHECK(has(reply, "[x]"));
  CHECK_FALSE(has(reply, "smuggled"));
}

TEST_CASE("a body that stops or trickles is given up", "[http][server][body]") {
  RunningServer server(echo, quick());
  Client stopped(server.port());
  stopped.send("POST /read HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc");
  CHECK(status_of(stopped.reply()) == "408");

  Client trickling(server.port());
  const auto begin = std::chrono::steady_clock::now();
  trickling.send("POST /read HTTP/1.1\r\nHost: a\r\nContent-Length: 900\r\n\r\n");
  std::string piece = "<nothing>";
  while (piece == "<nothing>" && since(begin) < 5s) {
    trickling.send("x");
    piece = trickling.piece(10ms);
  }
  CHECK(status_of(piece) == "408");
  CHECK(since(begin) < 1s);

  Client left(server.port());
  left.send("POST /read HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc");
  left.half_close();
  CHECK(status_of(left.reply()) == "400");
}

TEST_CASE("a body that keeps its pace must still be there in time", "[http][server][body]") {
  auto options = quick();
  options.body_grace = 5s;
  options.body_total = 300ms;
  RunningServer server(echo, options);
  Client client(server.port());
  const auto begin = std::chrono::steady_clock::now();
  client.send("POST /read HTTP/1.1\r\nHost: a\r\nContent-Length: 900\r\n\r\n");
  std::string piece = "<nothing>";
  while (piece == "<nothing>" && since(begin) < 4s) {
    client.send("xx");
    piece = client.piece(10ms);
  }
  CHECK(status_of(piece) == "408");
  CHECK(since(begin) >= 300ms);
  CHECK(since(begin) < 2s);
}

TEST_CASE("who fills the room for bodies does not keep the administrator out", "[http][server][body]") {
  airouter::ByteBudget budget(500), api_budget(500);
  auto options = quick();
  options.body_grace = 5s;
  options.body_budget = &budget;
  options.api_body_budget = &api_budget;
  const auto reading = [](Request& request) {
    auto read = request.read_body(1000);
    return read ? text_reply(*read) : error_reply(read.error());
  };
  RunningServer server(reading, options);
  Client filling(server.port());
  filling.send("POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\nContent-Length: 500\r\n\r\n" +
               std::string(499, 'x'));
  REQUIRE(comes_true([&] { return budget.used() == 499; }));
  Client client(server.port()), admin(server.port());
  CHECK(status_of(client.exchange(post("/v1/chat/completions", "hello"))) == "503");
  CHECK(status_of(admin.exchange(post("/api/keys", "hello"))) == "200");
}

TEST_CASE("all bodies together are bounded", "[http][server][body]") {
  airouter::ByteBudget budget(500);
  auto options = quick();
  options.body_budget = &budget;
  RunningServer server(echo, options);
  Client client(server.port());
  CHECK(status_of(client.exchange(post("/read", std::string(400, 'x')))) == "200");
  CHECK(comes_true([&] { return budget.used() == 0; }));
  CHECK(status_of(client.exchange(post("/read", std::string(600, 'x')))) == "503");
  CHECK(comes_true([&] { return budget.used() == 0; }));
}

TEST_CASE("100-continue is sent when the body is read, and only then", "[http][server][body]") {
  RunningServer server(echo, quick());
  const std::string expecting = " HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n";
  Client reading(server.port());
  reading.send("POST /read" + expecting);
  CHECK(reading.until("\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n");
  CHECK(body_of(reading.exchange("hello")) == "POST /read ? 127.0.0.1 [hello]");
  CHECK(status_of(reading.exchange(get("/"))) == "200");

  Client hasty(server.port());
  hasty.send("POST /read" + expecting + "hello");
  CHECK(status_of(hasty.reply()) == "200");

  Client refused(server.port());
  refused.send("POST /unread" + expecting);
  const auto reply = refused.reply();
  CHECK(status_of(reply) == "200");
  CHECK(has(reply, "Connection: close"));

  Client too_large(server.port());
  too_large.send("POST /read HTTP/1.1\r\nHost: a\r\nContent-Length: 5000\r\nExpect: 100-continue\r\n\r\n");
  CHECK(status_of(too_large.reply()) == "413");
}

TEST_CASE("HEAD gets the head alone", "[http][server]") {
  RunningServer server(echo);
  Client client(server.port());
  client.send("HEAD /x HTTP/1.1\r\nHost: a\r\n\r\n" + get("/y"));
  const auto head = client.until("\r\n\r\n");
  CHECK(has(head, "Content-Length: 28\r\n"));
  CHECK_FALSE(has(head, "Accept-Ranges"));
  CHECK(body_of(client.reply()) == "GET /y ? 127.0.0.1 [unread]");
}

TEST_CASE("statuses get the right phrase, and some have no body", "[http][server]") {
  RunningServer server(echo);
  Client client(server.port());
  CHECK(has(client.exchange(get("/status?529")), "HTTP/1.1 529 Overloaded\r\n"));
  CHECK(has(client.exchange(get("/status?421")), "HTTP/1.1 421 Misdirected Request\r\n"));
  CHECK(has(client.exchange(get("/status?477")), "HTTP/1.1 477 Client Error\r\n"));
  CHECK(status_of(client.exchange(get("/status?99"))) == "500");
  CHECK(status_of(client.exchange(get("/status?1000"))) == "500");
  const auto empty = client.exchange(get("/status?204"));
  CHECK(status_of(empty) == "204");
  CHECK_FALSE(has(empty, "Content-Length"));
  CHECK(status_of(client.exchange(get("/status?304"))) == "304");
  CHECK(status_of(client.exchange(get("/x"))) == "200");
}

TEST_CASE("what a handler throws stays inside", "[http][server]") {
  RunningServer server(echo);
  Client client(server.port());
  const auto reply = client.exchange(get("/throw"));
  CHECK(status_of(reply) == "500");
  CHECK_FALSE(has(reply, "canary"));
  CHECK(has(reply, R"("code":"internal_error")"));
  CHECK(status_of(client.exchange(get("/x"))) == "200");
}

TEST_CASE("HTTP/1.0 clients get a length or the end of the connection", "[http][server]") {
  RunningServer server(echo);
  Client once(server.port());
  once.send("GET /x HTTP/1.0\r\n\r\n");
  CHECK(has(once.all(), "Content-Length: 27\r\n"));
  Client kept(server.port());
  for (int i = 0; i < 2; ++i) {
    const auto reply = kept.exchange("GET /x HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    CHECK(has(reply, "Connection: keep-alive\r\n"));
    CHECK(body_of(reply) == "GET /x ? 127.0.0.1 [unread]");
  }
}

TEST_CASE("a connection ends when one side asks for it", "[http][server]") {
  RunningServer server([](Request& request) {
    auto reply = echo(request);
    reply.close = request.path == "/close";
    reply.headers.emplace_back("content-length", "5");
    reply.headers.emplace_back("X-Bad", "a\r\nb: c");
    return reply;
  });
  Client asking(server.port());
  asking.send(get("/x", "Connection: close\r\n"));
  const auto reply = asking.all();
  CHECK(has(reply, "Connection: close\r\n"));
  CHECK(has(reply, "Content-Length: 27\r\n"));
  CHECK_FALSE(has(reply, "content-length"));
  CHECK_FALSE(has(reply, "X-Bad"));
  CHECK(has(reply, "<end>"));
  Client other(server.port());
  other.send(get("/close"));
  CHECK(has(other.all(), "<end>"));
}

TEST_CASE("a large reply arrives whole at a slow but steady reader", "[http][server]") {
  RunningServer server(echo);
  Client client(server.port(), 4096);
  client.send(get("/large", "Connection: close\r\n"));
  const auto reply = client.all();
  CHECK(body_of(reply).size() == 3'000'000 + std::string("<end>").size());
}
