#include "transport/answer_head.h"

#include <string>
#include <string_view>
#include <vector>

#include "base/limits.h"
#include "support/catch.h"

namespace {

using airouter::transport::AnswerHead;
using Verdict = AnswerHead::Verdict;

std::string_view to_text(Verdict verdict) {
  switch (verdict) {
    case Verdict::more:
      return "more";
    case Verdict::complete:
      return "complete";
    case Verdict::too_large:
      return "too large";
    case Verdict::malformed:
      return "malformed";
  }
  return "";
}

// Feeds lines; says what came of it, e.g. "complete 200 a=1 b=2".
std::string read(const std::vector<std::string>& lines) {
  AnswerHead head;
  Verdict verdict = Verdict::more;
  for (const auto& line : lines)
    verdict = head.add_line(line + "\r\n");
  std::string said(to_text(verdict));
  if (!head.is_complete()) return said;
  said += " " + std::to_string(head.head().status);
  for (const auto& [name, value] : head.head().headers)
    said.append(" ").append(name).append("=").append(value);
  if (!head.is_connection_reusable()) said += " (not reusable)";
  return said;
}

}  // namespace

TEST_CASE("a head is its status and its fields, trimmed and in order", "[transport]") {
  CHECK(read({"HTTP/1.1 200 OK", "A: 1", "b:\t2 ", "A:", ""}) == "complete 200 A=1 b=2 A=");
  CHECK(read({"HTTP/1.0 429", ""}) == "complete 429");
  CHECK(read({"HTTP/1.1 200 OK", "A: 1"}) == "more");
}

TEST_CASE("heads of provisional answers are passed over", "[transport]") {
  CHECK(read({"HTTP/1.1 100 Continue", "A: 1", "", "HTTP/1.1 103 Early Hints", "Content-Length: 7", "",
              "HTTP/1.1 200 OK", "B: 2", "Content-Length: 8", ""}) == "complete 200 B=2 Content-Length=8");
}

TEST_CASE("what is not HTTP is malformed", "[transport]") {
  for (const auto* line :
       {"", "ICY 200 OK", "HTTP/2 200", "HTTP/1.1 20", "HTTP/1.1 2000", "HTTP/1.1 2x0 OK", "HTTP/1.1  200 OK",
        "HTTP/1.x 200 OK", "http/1.1 200 OK", "HTTP/1.1 099 Hm", "HTTP/1.1 101 Switching Protocols"}) {
    INFO(line);
    CHECK(read({line}) == "malformed");
  }
  for (const std::string line :
       {"no colon", ": no name", "A : blank", " folded: 1", "\tfolded", "A\x01: 1"}) {
    INFO(line);
    CHECK(read({"HTTP/1.1 200 OK", "A: 1", line}) == "malformed");
  }
  CHECK(read({"HTTP/1.1 200 OK", std::string("A: 1\0"
                                             "2",
                                             6)}) == "malformed");
  CHECK(read({"HTTP/1.1 200 OK", "A: 1\rB: 2"}) == "malformed");
}

TEST_CASE("a refusal is final", "[transport]") {
  CHECK(read({"HTTP/1.1 200 OK", "no colon", "A: 1", ""}) == "malformed");
}

TEST_CASE("framing that can be read in two ways is malformed", "[transport]") {
  const auto with = [](const std::vector<std::string>& fields) {
    std::vector<std::string> lines{"HTTP/1.1 200 OK"};
    lines.insert(lines.end(), fields.begin(), fields.end());
    lines.emplace_back("");
    return read(lines);
  };
  CHECK(with({"Content-Length: 5", "content-length: 5"}) == "complete 200 Content-Length=5 content-length=5");
  CHECK(with({"Content-Length: 5", "Content-Length: 6"}) == "malformed");
  CHECK(with({"Content-Length: 5, 5"}) == "malformed");
  CHECK(with({"Content-Length: -1"}) == "malformed");
  CHECK(with({"Content-Length: +1"}) == "malformed");
  CHECK(with({"Content-Length: 0x10"}) == "malformed");
  CHECK(with({"Content-Length:"}) == "malformed");
  CHECK(with({"Content-Length: 9999999999999999999"}) == "malformed");
  CHECK(with({"Transfer-Encoding: gzip, chunked"}) == "malformed");
  CHECK(with({"Transfer-Encoding: chunked", "Transfer-Encoding: chunked"}) == "malformed");
  CHECK(with({"Transfer-Encoding: identity"}) == "malformed");
  CHECK(with({"transfer-encoding: Chunked"}) == "complete 200 transfer-encoding=Chunked");
  CHECK(with({"Content-Length: 5", "Transfer-Encoding: chunked"}) ==
        "complete 200 Content-Length=5 Transfer-Encoding=chunked (not reusable)");
}

TEST_CASE("an encoding that was not asked for is malformed", "[transport]") {
  CHECK(read({"HTTP/1.1 200 OK", "Content-Encoding: gzip"}) == "malformed");
  CHECK(read({"HTTP/1.1 200 OK", "content-encoding: identity, br"}) == "malformed");
  CHECK(read({"HTTP/1.1 200 OK", "Content-Encoding: Identity", ""}) ==
        "complete 200 Content-Encoding=Identity");
}

TEST_CASE("a head is bounded over all its provisional heads and trailers", "[transport]") {
  AnswerHead hints;
  std::size_t count = 0;
  while (hints.add_line("HTTP/1.1 103 Early Hints\r\n") == Verdict::more &&
         hints.add_line("\r\n") == Verdict::more)
    ++count;
  CHECK(count == airouter::limits::answer_head_fields_max);
  CHECK(hints.add_line("HTTP/1.1 200 OK\r\n") == Verdict::too_large);

  AnswerHead bytes;
  CHECK(bytes.add_line("HTTP/1.1 200 OK\r\n") == Verdict::more);
  CHECK(bytes.add_line("A: " + std::string(airouter::limits::answer_head_bytes_max, 'a')) ==
        Verdict::too_large);

  AnswerHead trailers;
  CHECK(trailers.add_line("HTTP/1.1 200 OK\r\n") == Verdict::more);
  CHECK(trailers.add_line("\r\n") == Verdict::complete);
  count = 0;
  while (trailers.add_line("A: 1\r\n") == Verdict::complete)
    ++count;
  CHECK(count == airouter::limits::answer_head_fields_max - 1);
  CHECK(trailers.head().headers.empty());
}
