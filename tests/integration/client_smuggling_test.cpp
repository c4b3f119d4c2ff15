#include <string>
#include <string_view>
#include <vector>

#include "demo/chat_scripts.h"
#include "demo/scripted_provider.h"
#include "integration/gateway.h"
#include "support/catch.h"

// Requests whose end could be read in two ways, each with a second request glued behind it: the first one is
// refused, the connection ends, and the second one is never answered and reaches nobody.
namespace {

using namespace airouterd::demo;
using namespace gateway;
using namespace std::string_literals;

struct Row {
  std::string name{}, bytes{};
  int status = 400;
};

struct World {
  ScriptedProvider provider{saying({"SMUGGLED"})};
  Gateway daemon{{{"only", provider.base_url()}}};

  // "400, closed" where one answer came and nothing after it.
  std::string answers_to(const std::string& bytes) const {
    RawClient client(daemon.port());
    client.send(bytes);
    const RawAnswer answer = client.read_answer();
    CHECK(answer.header("connection") == "close");
    CHECK(answer.body.find("SMUGGLED") == std::string::npos);
    return std::to_string(answer.status) + (client.sees_close() ? ", closed" : ", and more");
  }

  void check(const std::vector<Row>& rows) const {
    const std::string smuggled = chat_request(chat_body());
    for (const Row& row : rows) {
      INFO(row.name);
      CHECK(answers_to(row.bytes + smuggled) == std::to_string(row.status) + ", closed");
      CHECK(provider.connection_count() == 0);
    }
    CHECK(daemon.get("/health").status == 200);
  }
};

std::string get(std::string_view target, std::string_view lines = {}) {
  return raw_request("GET", target, {}, lines);
}

// A request to the route that costs money, with these header lines instead of a length.
std::string post(std::string_view lines, std::string_view body = "{}") {
  return "POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\n" + std::string(lines) + "\r\n" +
         std::string(body);
}

std::string chunked(std::string_view raw_body) {
  return post("transfer-encoding: chunked\r\n", raw_body);
}

std::vector<Row> rows_of(const std::vector<std::string>& lines, std::string_view body = "{}") {
  std::vector<Row> rows;
  for (const std::string& line : lines)
    rows.push_back({line, post(line + "\r\n", body)});
  return rows;
}

}  // namespace

TEST_CASE("a method without a body cannot carry a second request in one", "[smuggling][daemon]") {
  const World world;
  std::vector<Row> rows;
  for (const std::string method : {"GET", "HEAD", "OPTIONS"}) {
    for (const std::string lines :
         {"content-length: 40\r\n", "transfer-encoding: chunked\r\n", "Content-Length: 1\r\n"}) {
      rows.push_back({method + " with " + lines, raw_request(method, "/v1/models", {}, lines)});
    }
  }
  // The answer to HEAD has no body, but a length: told apart by hand.
  for (Row& row : rows) {
    INFO(row.name);
    RawClient client(world.daemon.port());
    client.send(row.bytes + chat_request(chat_body()));
    REQUIRE(client.read_head());
    CHECK(client.answer().status == 400);
    const RawAnswer answer = client.read_answer();
    CHECK(answer.header("connection") == "close");
    CHECK(client.sees_close());
  }
  CHECK(world.provider.connection_count() == 0);
}

TEST_CASE("a length that is no plain number, or is told twice, hides no second request",
          "[smuggling][daemon]") {
  const World world;
  world.check(
      rows_of({"content-length: 2\r\ncontent-length: 2", "content-length: 2\r\ncontent-length: 3",
               "Content-Length: 2\r\nCONTENT-LENGTH: 40", "content-length: +5", "content-length: -1",
               "content-length: 0x5", "content-length: 5,5", "content-length: 5, 6", "content-length: 5 5",
               "content-length: 2;", "content-length: 2.0", "content-length: 1e1", "content-length: \"2\"",
               "content-length:", "content-length: \xd9\xa2", "content-length: 9223372036854775808",
               "content-length: 18446744073709551618", "content-length: two"}));
}

TEST_CASE("a framing that is told in two ways, or in an unknown one, hides no second request",
          "[smuggling][daemon]") {
  const World world;
  const std::string end = "0\r\n\r\n";
  world.check(rows_of({"content-length: 2\r\ntransfer-encoding: chunked",
                       "transfer-encoding: chunked\r\ncontent-length: 2",
                       "transfer-encoding: chunked\r\ncontent-length: 0",
                       "transfer-encoding: chunked\r\ntransfer-encoding: chunked",
                       "transfer-encoding: chunked\r\ntransfer-encoding: identity",
                       "transfer-encoding: identity",
                       "transfer-encoding: gzip, chunked",
                       "transfer-encoding: chunked, gzip",
                       "transfer-encoding: chunked, chunked",
                       "transfer-encoding: chunked;q=1",
                       "transfer-encoding: \"chunked\"",
                       "transfer-encoding: xchunked",
                       "transfer-encoding: chunked x",
                       "transfer-encoding:",
                       "transfer-encoding: \x0b"
                       "chunked",
                       "transfer-encoding: chunked\x0c",
                       "transfer-encoding : chunked",
                       "transfer-encoding\t: chunked",
                       "transfer-encoding\r\n: chunked",
                       "x: y\r\n transfer-encoding: chunked",
                       "x: y\r\n\ttransfer-encoding: chunked",
                       " transfer-encoding: chunked"},
                      end));
  world.check(
      {{"chunked in HTTP/1.0",
        "POST /v1/chat/completions HTTP/1.0\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\n" +
            end}});
}

TEST_CASE("an odd byte in a head hides no second request", "[smuggling][daemon]") {
  const World world;
  std::vector<Row> rows = rows_of(
      {"x: y\ntransfer-encoding: chunked", "x: y\rtransfer-encoding: chunked", "x: y\r", "x: a\rb",
       "x\0y: z"s, "\0: z"s, "x: a\0b"s, "content-length\0: 2"s, "x y: z", "x(: z", "(x): z", ": z", "x",
       "\xc3\xa9: z", "x\x7f: z", "x: \x7f", "x: a\x01", "host: localhost", "host: evil.example"});
  rows.push_back({"bare line feeds", "POST /v1/chat/completions HTTP/1.1\nhost: localhost\n\n"});
  rows.push_back({"a bare line feed at the end", "GET /v1/models HTTP/1.1\r\nhost: localhost\r\n\n"});
  rows.push_back({"no host", "GET /v1/models HTTP/1.1\r\nx: y\r\n\r\n"});
  for (const std::string host :
       {"localhost, evil.example", "localhost@evil.example", "local host", "localhost/x", "localhost\\x"})
    rows.push_back({"host " + host, "GET /v1/models HTTP/1.1\r\nhost: " + host + "\r\n\r\n"});
  world.check(rows);
}

TEST_CASE("an odd request line hides no second request", "[smuggling][daemon]") {
  const World world;
  const std::string host = "\r\nhost: localhost\r\n\r\n";
  world.check({
      {"another host in the target", get("http://evil.example/v1/models")},
      {"a user in the target", get("http://127.0.0.1@evil.example/v1/models")},
      {"no host in the target", get("http:///v1/models")},
      {"another scheme", get("ftp://127.0.0.1/v1/models")},
      {"a blank target", get("")},
      {"a star", get("*")},
      {"a fragment", get("/v1/models#x")},
      {"no slash", get("v1/models")},
      {"a tab", "GET\t/v1/models HTTP/1.1" + host},
      {"two blanks", "GET  /v1/models HTTP/1.1" + host},
      {"a blank in the target", "GET /v1/models /x HTTP/1.1" + host},
      {"a blank at the end", "GET /v1/models HTTP/1.1 " + host},
      {"a NUL in the target", "GET /v1/models\0 HTTP/1.1"s + host},
      {"no version", "GET /v1/models" + host},
      {"an odd version", "GET /v1/models HTTP/1.10" + host},
      {"a small version", "GET /v1/models http/1.1" + host},
      {"HTTP/1.2", "GET /v1/models HTTP/1.2" + host, 505},
      {"HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505},
      {"a small method", "post /v1/chat/completions HTTP/1.1" + host, 501},
      {"a tunnel", "CONNECT evil.example:443 HTTP/1.1\r\nhost: evil.example:443\r\n\r\n", 501},
      {"an unknown expectation", post("expect: 200-ok\r\ncontent-length: 2\r\n"), 417},
  });
}

TEST_CASE("a target with the server's own host in it is what it says", "[smuggling][daemon]") {
  const World world;
  RawClient client(world.daemon.port());
  client.send(get("http://127.0.0.1/v1/models") + get("HTTP://127.0.0.1/health"));
  CHECK(client.read_answer().body.find("gpt-4") != std::string::npos);
  CHECK(client.read_answer().body.find("healthy") != std::string::npos);
}

TEST_CASE("broken chunks, odd extensions and trailers hide no second request", "[smuggling][daemon]") {
  const World world;
  const std::string body = chat_body();
  const std::string good = chunk(body);
  std::vector<Row> rows;
  for (const std::string& raw :
       std::vector<std::string>{"+5\r\nhello\r\n0\r\n\r\n",
                                "-5\r\nhello\r\n0\r\n\r\n",
                                "0x5\r\nhello\r\n0\r\n\r\n",
                                "5 \r\nhello\r\n0\r\n\r\n",
                                " 5\r\nhello\r\n0\r\n\r\n",
                                "5\nhello\n0\n\n",
                                "5\r\nhelloXX0\r\n\r\n",
                                "5\r\nhello\n0\r\n\r\n",
                                "5\r\nhello\r0\r\n\r\n",
                                "\r\n0\r\n\r\n",
                                "five\r\nhello\r\n0\r\n\r\n",
                                "fffffffffffffffff\r\nhello\r\n",
                                "100000005\r\nhello\r\n",
                                "000000005\r\nhello\r\n0\r\n\r\n",
                                "5;a\nb\r\nhello\r\n0\r\n\r\n",
                                "5;a\0b\r\nhello\r\n0\r\n\r\n"s,
                                "5;a\rb\r\nhello\r\n0\r\n\r\n",
                                "5;" + std::string(5'000, 'x') + "\r\nhello\r\n0\r\n\r\n",
                                good + "0\r\nx: y\r\n\r\n",
                                good + "0\r\ncontent-length: 5\r\n\r\n",
                                good + "0\r\ntransfer-encoding: chunked\r\n\r\n",
                                good + "0\r\nhost: evil.example\r\n\r\n",
                                good + "0\r\n\n",
                                good + "0\n\r\n"}) {
    rows.push_back({raw.substr(0, 40), chunked(raw)});
  }
  world.check(rows);
}

TEST_CASE("after a chunked body a connection ends, so that nothing is glued behind it",
          "[smuggling][daemon]") {
  const World world;
  const std::string body = chat_body();
  for (const std::string& raw :
       {chunk(body) + chunk(""), chunk(body.substr(0, 1)) + chunk(body.substr(1)) + chunk(""),
        "0" + chunk(body).insert(2, ";name=\"value\"") + chunk("")}) {
    INFO(raw);
    RawClient client(world.daemon.port());
    client.send(chunked(raw) + chat_request(body));
    const RawAnswer answer = client.read_answer();
    CHECK(words_of(answer.body) == "SMUGGLED");
    CHECK(answer.header("connection") == "close");
    CHECK(client.sees_close());
  }
  CHECK(world.provider.request_count() == 3);
}

TEST_CASE("a body that nobody reads is no request", "[smuggling][daemon]") {
  const World world;
  const std::string smuggled = chat_request(chat_body());
  const auto hiding = [&](std::string_view first_line, std::string_view lines) {
    return std::string(first_line) + " HTTP/1.1\r\nhost: 127.0.0.1\r\n" + std::string(lines) + "\r\n";
  };
  const std::string length = "content-length: " + std::to_string(smuggled.size()) + "\r\n";
  const struct {
    std::string head, body;
    int status;
  } rows[] = {
      {hiding("POST /v1/nothing", length), smuggled, 404},
      {hiding("PUT /v1/chat/completions", length), smuggled, 405},
      {hiding("POST /v1/chat/completions", length + "via: 1.1 a\r\n"), smuggled, 401},
      {hiding("POST /v1/chat/completions", length + "origin: https://evil.example\r\n"), smuggled, 403},
      {hiding("POST /v1/chat/completions", length + "content-encoding: gzip\r\n"), smuggled, 415},
      {hiding("POST /v1/nothing", "transfer-encoding: chunked\r\n"), chunk(smuggled) + chunk(""), 404},
  };
  for (const auto& row : rows) {
    for (const bool is_late : {false, true}) {
      INFO(row.head << (is_late ? "and the body later" : ""));
      RawClient client(world.daemon.port());
      client.send(is_late ? row.head : row.head + row.body);
      CHECK(client.read_answer().status == row.status);
      if (is_late) client.send(row.body);
      client.send(get("/health"));
      // Either the connection is over, or what comes answers the honest request.
      const RawAnswer next = client.read_answer(2s);
      CHECK((next.status == 0 || next.body.find("healthy") != std::string::npos));
    }
  }
  CHECK(world.provider.connection_count() == 0);
}
