#include "http/head_parser.h"

#include <string>
#include <vector>

#include "support/catch.h"

using namespace airouterd::http;

namespace {

// What became of some bytes, in one line.
std::string told(const HeadOutcome& outcome) {
  if (std::holds_alternative<NeedsMore>(outcome)) return "more";
  if (const auto* refusal = std::get_if<Refusal>(&outcome)) return std::to_string(refusal->status);
  const auto& head = std::get<Head>(outcome);
  std::string text = head.method + " " + head.target + (head.is_http_1_0 ? " 1.0" : " 1.1");
  if (head.framing == BodyFraming::length) text += " length=" + std::to_string(head.body_bytes);
  if (head.framing == BodyFraming::chunked) text += " chunked";
  if (!head.keep_alive) text += " close";
  if (head.expects_continue) text += " continue";
  for (const auto& [name, value] : head.headers)
    text += " [" + name + "=" + value + "]";
  return text;
}

std::string parsed(std::string_view bytes) {
  HeadParser parser;
  return told(parser.parse(bytes));
}

// A request with good first lines and `fields` after them.
std::string with_fields(const std::string& fields, const std::string& method = "POST",
                        const std::string& version = "1.1") {
  return method + " /x HTTP/" + version + "\r\nHost: a\r\n" + fields + "\r\n";
}

struct Row {
  std::string bytes, expected;
};

void check(const std::vector<Row>& rows) {
  for (const auto& row : rows) {
    CAPTURE(row.bytes);
    CHECK(parsed(row.bytes) == row.expected);
  }
}

}  // namespace

TEST_CASE("ordinary heads are read", "[http][head]") {
  check({
      {"GET / HTTP/1.1\r\nHost: a\r\n\r\n", "GET / 1.1 [Host=a]"},
      {"GET /p?q=1 HTTP/1.1\r\nHost: a:80\r\nX:  y \t\r\n\r\n", "GET /p?q=1 1.1 [Host=a:80] [X=y]"},
      {"GET / HTTP/1.0\r\n\r\n", "GET / 1.0 close"},
      {"GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", "GET / 1.0 [Connection=Keep-Alive]"},
      {"GET / HTTP/1.0\r\nConnection: keep-alive, Close\r\n\r\n",
       "GET / 1.0 close [Connection=keep-alive, Close]"},
      {"\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", "GET / 1.1 [Host=a]"},
      {with_fields("Content-Length: 5\r\n"), "POST /x 1.1 length=5 [Host=a] [Content-Length=5]"},
      {with_fields("Content-Length: 0\r\n", "GET"), "GET /x 1.1 [Host=a] [Content-Length=0]"},
      {with_fields("Transfer-Encoding: Chunked\r\n"),
       "POST /x 1.1 chunked [Host=a] [Transfer-Encoding=Chunked]"},
      {with_fields("Connection: Upgrade, close\r\n"),
       "POST /x 1.1 close [Host=a] [Connection=Upgrade, close]"},
      {with_fields("Content-Length: 1\r\nExpect: 100-Continue\r\n"),
       "POST /x 1.1 length=1 continue [Host=a] [Content-Length=1] [Expect=100-Continue]"},
      {with_fields("Empty:\r\n", "DELETE"), "DELETE /x 1.1 [Host=a] [Empty=]"},
      {with_fields("Content-Encoding: identity\r\nContent-Length: 1\r\n"),
       "POST /x 1.1 length=1 [Host=a] [Content-Encoding=identity] [Content-Length=1]"},
      {with_fields("T: \xc3\xa9%0d%0aX\r\n", "PUT"), "PUT /x 1.1 [Host=a] [T=\xc3\xa9%0d%0aX]"},
      {"GET http://Aa:1/p?q HTTP/1.1\r\nHost: aA:1\r\n\r\n", "GET /p?q 1.1 [Host=aA:1]"},
      {"GET http://a?q HTTP/1.1\r\nHost: a\r\n\r\n", "GET /?q 1.1 [Host=a]"},
      {"GET http://a/p HTTP/1.0\r\n\r\n", "GET /p 1.0 close [Host=a]"},
      {"GET / HTTP/1.1\r\nHost: [::1]:8000\r\n\r\n", "GET / 1.1 [Host=[::1]:8000]"},
  });
}

TEST_CASE("what two readers could understand differently is refused", "[http][head][smuggling]") {
  const std::string smuggled = "GET /admin HTTP/1.1\r\nHost: a\r\n\r\n";
  check({
      {with_fields("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n") + "0\r\n\r\n" + smuggled, "400"},
      {with_fields("Transfer-Encoding: chunked\r\nContent-Length: 0\r\n"), "400"},
      {with_fields("Content-Length: 5\r\nContent-Length: 5\r\n"), "400"},
      {with_fields("Content-Length: 5\r\ncontent-length: 6\r\n"), "400"},
      {with_fields("Content-Length: 5, 5\r\n"), "400"},
      {with_fields("Content-Length: +5\r\n"), "400"},
      {with_fields("Content-Length: -5\r\n"), "400"},
      {with_fields("Content-Length: 0x5\r\n"), "400"},
      {with_fields("Content-Length: 5 5\r\n"), "400"},
      {with_fields("Content-Length:\r\n"), "400"},
      {with_fields("Content-Length: 5;\r\n"), "400"},
      {with_fields("Content-Length: 9223372036854775808\r\n"), "400"},
      {with_fields("Content-Length: 99999999999999999999999999\r\n"), "400"},
      {with_fields("Content-Length : 5\r\n"), "400"},
      {with_fields("Content-Length\t: 5\r\n"), "400"},
      {with_fields("Transfer-Encoding: xchunked\r\n"), "400"},
      {with_fields("Transfer-Encoding: gzip, chunked\r\n"), "400"},
      {with_fields("Transfer-Encoding: chunked, identity\r\n"), "400"},
      {with_fields("Transfer-Encoding: identity\r\n"), "400"},
      {with_fields("Transfer-Encoding:\r\n"), "400"},
      {with_fields("Transfer-Encoding: \"chunked\"\r\n"), "400"},
      {with_fields("Transfer-Encoding: chunked;q=1\r\n"), "400"},
      {with_fields("Transfer-Encoding:\x0b"
                   "chunked\r\n"),
       "400"},
      {with_fields("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n"), "400"},
      {with_fields("Transfer-Encoding : chunked\r\n"), "400"},
      {with_fields(" Transfer-Encoding: chunked\r\n"), "400"},
      {with_fields("X: a\r\n Transfer-Encoding: chunked\r\n"), "400"},
      {with_fields("X: a\r\n\tb\r\n"), "400"},
      {with_fields("X: a\nTransfer-Encoding: chunked\r\n"), "400"},
      {with_fields("X: a\rTransfer-Encoding: chunked\r\n"), "400"},
      {with_fields("X: a\r\r\n"), "400"},
      {with_fields("Transfer-Encoding: chunked\r\n", "POST", "1.0"), "400"},
      {with_fields("Content-Length: 5\r\n", "GET"), "400"},
      {with_fields("Content-Length: 5\r\n", "HEAD"), "400"},
      {with_fields("Content-Length: 5\r\n", "OPTIONS"), "400"},
      {with_fields("Transfer-Encoding: chunked\r\n", "GET"), "400"},
      {with_fields("X: a\r\nHost: b\r\n"), "400"},
      {"GET http://b/ HTTP/1.1\r\nHost: a\r\n\r\n", "400"},
      {"GET http://u@a/ HTTP/1.1\r\nHost: a\r\n\r\n", "400"},
      {"GET / HTTP/1.1\nHost: a\n\n", "400"},
      {"GET / HTTP/1.1\r\nHost: a\r\n\n", "400"},
      {"\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", "400"},
  });
}

TEST_CASE("broken heads are refused", "[http][head]") {
  using namespace std::string_literals;
  check({
      {"GET  / HTTP/1.1\r\nHost: a\r\n\r\n", "400"},
      {"GET / HTTP/1.1 \r\nHost: a\r\n\r\n", "400"},
      {" GET / HTTP/1.1\r\nHost: a\r\n\r\n", "400"},
      {"GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n", "400"},
      {"GET /\r\nHost: a\r\n\r\n", "400"},
      {"GET / \r\nHost: a\r\n\r\n", "400"},
      {"GET / http/1.1\r\nHost: a\r\n\r\n", "400"},
      {"GET / HTTP/1.10\r\nHost: a\r\n\r\n", "400"},
      {"GET / HTTP/11\r\nHost: a\r\n\r\n", "400"},
      {"GET / HTTP/1.2\r\nHost: a\r\n\r\n", "505"},
      {"GET / HTTP/0.9\r\nHost: a\r\n\r\n", "505"},
      {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "505"},
      {"get / HTTP/1.1\r\nHost: a\r\n\r\n", "501"},
      {"TRACE / HTTP/1.1\r\nHost: a\r\n\r\n", "501"},
      {"CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n", "501"},
      {"G(T / HTTP/1.1\r\nHost: a\r\n\r\n", "400"},
      {"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", "400"},
      {"GET a HTTP/1.1\r\nHost: a\r\n\r\n", "400"},
      {"GET ftp://a/ HTTP/1.1\r\nHost: a\r\n\r\n", "400"},
      {"GET http:/// HTTP/1.1\r\nHost: a\r\n\r\n", "400"},
      {"GET /\xc3\xa9 HTTP/1.1\r\nHost: a\r\n\r\n", "400"},
      {"GET /#x HTTP/1.1\r\nHost: a\r\n\r\n", "400"},
      {"GET /\x01 HTTP/1.1\r\nHost: a\r\n\r\n", "400"},
      {"GET /\0 HTTP/1.1\r\nHost: a\r\n\r\n"s, "400"},
      {"GET / HTTP/1.1\r\n\r\n", "400"},
      {"GET / HTTP/1.1\r\nHost: a b\r\n\r\n", "400"},
      {"GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", "400"},
      {"GET / HTTP/1.1\r\nHost: u@a\r\n\r\n", "400"},
      {"GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n", "400"},
      {with_fields("no colon\r\n"), "400"},
      {with_fields(": x\r\n"), "400"},
      {with_fields("a b: x\r\n"), "400"},
      {with_fields("a\0b: x\r\n"s), "400"},
      {with_fields("a: x\0y\r\n"s), "400"},
      {with_fields("a: x\x7fy\r\n"), "400"},
      {with_fields("a: x\x1by\r\n"), "400"},
      {with_fields("Content-Length: 1\r\nContent-Encoding: gzip\r\n"), "415"},
      {with_fields("Transfer-Encoding: chunked\r\nContent-Encoding: identity, br\r\n"), "415"},
      {with_fields("Expect: 200-ok\r\n"), "417"},
      {"\x16\x03\x01\x02", "400"},
      {"\r\r\n", "400"},
  });
}

TEST_CASE("a head's size is bounded", "[http][head]") {
  const auto path = [](std::size_t bytes) { return "/" + std::string(bytes - 1, 'a'); };
  CHECK(parsed("GET " + path(2048) + " HTTP/1.1\r\nHost: a\r\n\r\n").rfind("GET /aaa", 0) == 0);
  CHECK(parsed("GET " + path(2049) + " HTTP/1.1\r\nHost: a\r\n\r\n") == "414");
  CHECK(parsed("GET " + path(9000)) == "414");
  CHECK(parsed(std::string(3000, 'A')) == "414");

  std::string fields;
  for (int i = 0; i < 99; ++i)
    fields += "a: b\r\n";
  CHECK(parsed(with_fields(fields)).rfind("POST /x", 0) == 0);
  CHECK(parsed(with_fields(fields + "a: b\r\n")) == "431");
  CHECK(parsed(with_fields(fields + "a: b\r\nc:")) == "431");

  const auto room = head_bytes_max - with_fields("X: \r\n").size();
  CHECK(parsed(with_fields("X: " + std::string(room, 'x') + "\r\n")).rfind("POST /x", 0) == 0);
  CHECK(parsed(with_fields("X: " + std::string(room + 1, 'x') + "\r\n")) == "431");
  CHECK(parsed("GET / HTTP/1.1\r\nX: " + std::string(head_bytes_max, 'x')) == "431");
}

TEST_CASE("a head may come in any pieces", "[http][head]") {
  const std::string bytes =
      "\r\nPOST /v1/x HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nConnection: close\r\n\r\nabcGET / "
      "HTTP/1.1\r\n";
  const auto head_bytes = bytes.find("abc");
  HeadParser parser;
  for (std::size_t length = 0; length < head_bytes; ++length) {
    CAPTURE(length);
    REQUIRE(told(parser.parse(std::string_view(bytes).substr(0, length))) == "more");
  }
  const auto outcome = parser.parse(bytes);
  CHECK(told(outcome) == "POST /v1/x 1.1 length=3 close [Host=a] [Content-Length=3] [Connection=close]");
  CHECK(std::get<Head>(outcome).bytes == head_bytes);
}

TEST_CASE("every cut of a bad head ends in the same refusal", "[http][head]") {
  for (const std::string bytes :
       {"GET / HTTP/1.1\r\nHost: a\r\nX : y\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\nX: y\r\n\r\n"}) {
    for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
      HeadParser parser;
      auto outcome = parser.parse(std::string_view(bytes).substr(0, cut));
      if (std::holds_alternative<NeedsMore>(outcome)) outcome = parser.parse(bytes);
      CAPTURE(bytes, cut);
      REQUIRE(told(outcome) == "400");
    }
  }
}

TEST_CASE("no refusal repeats what the client sent", "[http][head]") {
  HeadParser parser;
  const auto outcome =
      parser.parse("GET /secret-canary HTTP/1.1\r\nHost: secret-canary\r\nsecret-canary\r\n\r\n");
  REQUIRE(std::holds_alternative<Refusal>(outcome));
  CHECK(std::get<Refusal>(outcome).message.find("canary") == std::string::npos);
}
