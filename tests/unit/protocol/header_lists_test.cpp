#include "protocol/header_lists.h"

#include "support/catch.h"

using namespace airouter;

namespace {

std::string lines(const Headers& headers) {
  std::string out;
  for (const auto& [name, value] : headers)
    out += name + ": " + value + "\n";
  return out;
}

Provider provider(std::string key) {
  Provider p;
  p.api_key = Secret(std::move(key));
  return p;
}

}  // namespace

TEST_CASE("a provider gets the allowed headers, its own key, and nothing else of the client's", "[headers]") {
  const Headers client = {{"Authorization", "Bearer client-key"},
                          {"X-Api-Key", "client-key"},
                          {"Cookie", "a=b"},
                          {"Origin", "https://evil.example"},
                          {"Sec-Fetch-Mode", "cors"},
                          {"X-Forwarded-For", "1.2.3.4"},
                          {"OpenAI-Organization", "org"},
                          {"Host", "x"},
                          {"Content-Length", "5"},
                          {"Transfer-Encoding", "chunked"},
                          {"Accept-Encoding", "gzip"},
                          {"Content-Type", "application/json; charset=UTF-8"},
                          {"Accept", "*/*"},
                          {"User-Agent", " OpenAI/JS 6 "},
                          {"OpenAI-Beta", "x=1"},
                          {"X-Stainless-Lang", "js"},
                          {"x-stainless-retry-count", "0"},
                          {"Idempotency-Key", "k"},
                          {"HTTP-Referer", "https://app.example"},
                          {"X-Title", "\xE4\xBD\xA0"},
                          {"X-Titles", "no"}};
  CHECK(lines(protocol::request_headers(client, provider("sk-1"), false)) ==
        "content-type: application/json; charset=UTF-8\naccept: */*\naccept-encoding: identity\n"
        "authorization: Bearer sk-1\nuser-agent: OpenAI/JS 6\nopenai-beta: x=1\nidempotency-key: k\n"
        "http-referer: https://app.example\nx-title: \xE4\xBD\xA0\nx-stainless-lang: "
        "js\nx-stainless-retry-count: 0\n");
}

TEST_CASE("what the client leaves out gets its default", "[headers]") {
  CHECK(lines(protocol::request_headers({}, provider(""), true)) ==
        "content-type: application/json\naccept: text/event-stream\naccept-encoding: identity\n");
  CHECK(lines(protocol::request_headers({{"content-type", "text/plain"}}, provider(""), false)) ==
        "content-type: application/json\naccept: application/json\naccept-encoding: identity\n");
  CHECK(lines(protocol::request_headers({{"content-type", "application/json; charset=latin1"}}, provider(""),
                                        false))
            .starts_with("content-type: application/json\n"));
}

TEST_CASE("values that could break a header, and floods, are dropped", "[headers]") {
  Headers client = {{"User-Agent", "a\r\nAuthorization: Bearer x"},
                    {"X-Title", "a\n"},
                    {"X-Title", "fine"},
                    {"X-Title", "second"},
                    {"HTTP-Referer", std::string("a\0b", 3)},
                    {"OpenAI-Beta", "\x7F"},
                    {"Idempotency-Key", std::string(5000, 'x')},
                    {"X-Stainless-\r\nEvil", "x"},
                    {"X-Stainless-Empty", "  "}};
  CHECK(
      lines(protocol::request_headers(client, provider("bad\r\nkey"), false)) ==
      "content-type: application/json\naccept: application/json\naccept-encoding: identity\nx-title: fine\n");
  for (int i = 0; i < 1000; ++i)
    client.emplace_back("x-stainless-" + std::to_string(i), "x");
  CHECK(protocol::request_headers(client, provider("k"), false).size() == 40);
}

TEST_CASE("the client gets timings and one request id of the provider's", "[headers]") {
  const Headers upstream = {{"Content-Type", "application/json"},
                            {"Set-Cookie", "a=b"},
                            {"Server", "cloudflare"},
                            {"CF-Ray", "1"},
                            {"X-RateLimit-Limit", "1"},
                            {"Content-Encoding", "gzip"},
                            {"Access-Control-Allow-Origin", "*"},
                            {"Request-Id", "second"},
                            {"X-Request-Id", "first"},
                            {"OpenAI-Processing-Ms", "12"},
                            {"OpenAI-Version", "2020-10-01"}};
  CHECK(lines(protocol::answer_headers(upstream)) ==
        "openai-processing-ms: 12\nopenai-version: 2020-10-01\nx-upstream-request-id: first\n");
  CHECK(lines(protocol::answer_headers({{"request-id", "r"}})) == "x-upstream-request-id: r\n");
  CHECK(lines(protocol::answer_headers({{"x-request-id", "a\r\nset-cookie: x"}, {"request-id", "r"}})) ==
        "x-upstream-request-id: r\n");
  CHECK(protocol::answer_headers({{"x-request-id", std::string(257, 'x')}}).empty());
}
