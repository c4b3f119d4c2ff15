#include <exception>
#include <set>
#include <string>

#include "http/cors.h"
#include "http/error_reply.h"
#include "http/pace.h"
#include "http/read_buffer.h"
#include "http/reason_phrase.h"
#include "http/reply_text.h"
#include "http/request_id.h"
#include "support/catch.h"

using namespace airouterd::http;
using namespace std::chrono_literals;

namespace {

class PlainRequest final : public Request {
 public:
  bool has_body() const override { return false; }
  airouter::Result<std::string> read_body(std::size_t) override { return std::string(); }
  airouter::Interrupt& interrupt() override { std::terminate(); }
};

std::string told(const Reply& reply) {
  auto text = std::to_string(reply.status);
  for (const auto& [name, value] : reply.headers)
    text += "\n" + name + ": " + value;
  return text + "\n" + reply.body;
}

}  // namespace

TEST_CASE("an error reply is OpenAI's object with its four keys", "[http][reply]") {
  CHECK(told(error_reply(400, "no \"model\"")) ==
        "400\ncontent-type: application/json\n"
        R"({"error":{"message":"no \"model\"","type":"invalid_request_error","param":null,"code":null}})");
  CHECK(told(error_reply(Refusal{503, "busy", "later"})) ==
        "503\ncontent-type: application/json\n"
        R"({"error":{"message":"later","type":"server_error","param":null,"code":"busy"}})");
}

TEST_CASE("an error's retry time is shown within bounds", "[http][reply]") {
  airouter::Error error;
  error.code = airouter::ErrorCode::overloaded;
  error.message = "busy";
  CHECK(airouter::find_header(error_reply(error).headers, "retry-after").empty());
  error.retry_after = 7s;
  CHECK(airouter::find_header(error_reply(error).headers, "retry-after") == "7");
  error.retry_after = 86400s;
  CHECK(airouter::find_header(error_reply(error).headers, "retry-after") == "60");
  error.retry_after = 0s;
  CHECK(airouter::find_header(error_reply(error).headers, "retry-after") == "1");
}

TEST_CASE("a client is asked not to retry where that can only fail again", "[http][reply]") {
  airouter::Error error;
  error.code = airouter::ErrorCode::no_provider;
  CHECK(airouter::find_header(error_reply(error).headers, "x-should-retry").empty());
  error.retry_after = 59s;
  CHECK(airouter::find_header(error_reply(error).headers, "x-should-retry").empty());
  error.retry_after = 60s;  // or later
  CHECK(airouter::find_header(error_reply(error).headers, "x-should-retry") == "false");
}

TEST_CASE("a provider's own answer keeps its content type", "[http][reply]") {
  airouter::Error error;
  error.code = airouter::ErrorCode::request_rejected;
  error.http_status = 422;
  error.body = "<no/>";
  error.content_type = "text/xml";
  const auto reply = error_reply(error);
  CHECK(reply.status == 422);
  CHECK(airouter::find_header(reply.headers, "content-type") == "text/xml");
}

TEST_CASE("a preflight is answered with what was asked for", "[http][cors]") {
  PlainRequest request;
  request.headers = {{"Access-Control-Request-Headers", "authorization, x-stainless-os"}};
  auto reply = preflight_reply(request);
  CHECK(reply.status == 204);
  CHECK(airouter::find_header(reply.headers, "access-control-allow-origin") == "*");
  CHECK(airouter::find_header(reply.headers, "access-control-allow-headers") ==
        "authorization, x-stainless-os");
  CHECK(airouter::find_header(reply.headers, "access-control-max-age") == "86400");
  CHECK(airouter::find_header(reply.headers, "access-control-allow-credentials").empty());

  request.headers = {{"Access-Control-Request-Headers", "a: b\x01"}};
  reply = preflight_reply(request);
  CHECK(airouter::find_header(reply.headers, "access-control-allow-headers") ==
        "authorization, content-type");
}

TEST_CASE("the headers for pages are there once", "[http][cors]") {
  Reply reply;
  reply.headers = {{"Access-Control-Allow-Origin", "https://provider"}, {"a", "b"}};
  add_cors_headers(reply);
  add_cors_headers(reply);
  CHECK(told(reply) ==
        "200\na: b\naccess-control-allow-origin: *\naccess-control-expose-headers: x-request-id, "
        "retry-after, x-should-retry, "
        "x-upstream-request-id, x-airouter-provider, x-airouter-model, x-airouter-attempts, "
        "x-ratelimit-limit-requests, x-ratelimit-remaining-requests, x-ratelimit-reset-requests\n");
  CHECK(is_cors_path("/v1/models"));
  CHECK(is_cors_path("/v1"));
  CHECK_FALSE(is_cors_path("/v10"));
  CHECK_FALSE(is_cors_path("/api/keys"));
}

TEST_CASE("request ids look like ids and do not repeat", "[http][request_id]") {
  RequestIds ids(1), same_seed(1), other(2);
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) {
    const auto id = ids.next();
    REQUIRE(id.size() == 28);
    REQUIRE(id.rfind("req_", 0) == 0);
    REQUIRE(id.find_first_not_of("0123456789abcdef", 4) == std::string::npos);
    seen.insert(id);
  }
  CHECK(seen.size() == 1000);
  CHECK(seen.count(same_seed.next()) == 1);
  CHECK(seen.count(other.next()) == 0);
}

TEST_CASE("every status has a reason phrase", "[http][reply]") {
  CHECK(reason_phrase(200) == "OK");
  CHECK(reason_phrase(421) == "Misdirected Request");
  CHECK(reason_phrase(529) == "Overloaded");
  CHECK(reason_phrase(299) == "Success");
  CHECK(reason_phrase(399) == "Redirection");
  CHECK(reason_phrase(498) == "Client Error");
  CHECK(reason_phrase(599) == "Server Error");
}

TEST_CASE("a reply's head has the reply's fields, and only the framing of the library's", "[http][reply]") {
  Reply reply;
  reply.headers = {{"content-type", "application/json"}, {"Content-Length", "9"}, {"c", "d\ne"}};
  constexpr auto library_head =
      "HTTP/1.1 200 OK\r\nAccept-Ranges: bytes\r\nContent-Length: 2\r\nKeep-Alive: timeout=5\r\n\r\n";
  CHECK(reply_head(reply, "", library_head) ==
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nContent-Length: 2\r\n\r\n");
  CHECK(reply_head(reply, "close", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n") ==
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nTransfer-Encoding: chunked\r\n"
        "Connection: close\r\n\r\n");
  reply.status = 529;
  CHECK(reply_head(reply, "", "HTTP/1.1 529 Internal Server Error\r\n\r\n") ==
        "HTTP/1.1 529 Overloaded\r\ncontent-type: application/json\r\n\r\n");
  // The library's own idea.
  CHECK(reply_head(reply, "close", "HTTP/1.1 400 Bad Request\r\nA: b\r\n\r\n") ==
        "HTTP/1.1 400 Bad Request\r\nA: b\r\n\r\n");
  CHECK(reply_head(reply, "", "HTTP/1.1") == "HTTP/1.1");
  CHECK(reply_head(reply, "", "HTTP/1.1 x\r\n") == "HTTP/1.1 x\r\n");
}

TEST_CASE("a handler's fields cannot break the reply's framing", "[http][reply]") {
  CHECK(may_be_sent("content-type", "text/event-stream"));
  CHECK(may_be_sent("x", ""));
  CHECK_FALSE(may_be_sent("Content-Length", "5"));
  CHECK_FALSE(may_be_sent("transfer-encoding", "chunked"));
  CHECK_FALSE(may_be_sent("connection", "close"));
  CHECK_FALSE(may_be_sent("", "x"));
  CHECK_FALSE(may_be_sent("a b", "x"));
  CHECK_FALSE(may_be_sent("a", "x\r\nb: c"));
  CHECK_FALSE(may_be_sent("a", std::string("x\0y", 3)));
  Reply reply;
  reply.status = 400;
  reply.headers = {{"a", "b"}, {"c", "d\ne"}};
  reply.body = "hi";
  CHECK(closing_reply_text(reply) ==
        "HTTP/1.1 400 Bad Request\r\na: b\r\ncontent-length: 2\r\nconnection: close\r\n\r\nhi");
}

TEST_CASE("a slow transfer has its grace and then must keep the rate", "[http][pace]") {
  const airouter::TimePoint begin{};
  Pace pace(begin, 30s, 1024);
  CHECK(pace.deadline() == begin + 30s);
  pace.moved(1024, begin + 10s);
  CHECK(pace.deadline() == begin + 31s);
  for (int i = 0; i < 1024; ++i)
    pace.moved(1, begin + 20s);
  CHECK(pace.deadline() > begin + 31'999ms);
  CHECK(pace.deadline() <= begin + 32s);
  Pace unbound(begin, 30s, 0);
  unbound.moved(1'000'000, begin + 1s);
  CHECK(unbound.deadline() == begin + 30s);
}

TEST_CASE("a transfer that was fast gets no credit for standing still", "[http][pace]") {
  const airouter::TimePoint begin{};
  Pace pace(begin, 30s, 1024);
  pace.moved(30'000'000, begin + 1s);
  CHECK(pace.deadline() == begin + 31s);
  pace.moved(1, begin + 29s);
  CHECK(pace.deadline() < begin + 32s);
}

TEST_CASE("a read buffer keeps what was not used", "[http][buffer]") {
  ReadBuffer buffer;
  const auto add = [&](std::string_view text, std::size_t room) {
    char* const to = buffer.room(room);
    REQUIRE(buffer.room_bytes() >= room);
    text.copy(to, text.size());
    buffer.filled(text.size());
  };
  CHECK(buffer.empty());
  add("hello", 8);
  add(" world", 8);
  CHECK(buffer.view() == "hello world");
  buffer.consume(6);
  CHECK(buffer.view() == "world");
  add("!", 4);
  CHECK(buffer.view() == "world!");
  buffer.consume(100);
  CHECK(buffer.empty());
  buffer.release();
  add("again", 5);
  CHECK(buffer.view() == "again");
}
