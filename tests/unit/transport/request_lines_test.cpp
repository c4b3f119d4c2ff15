#include "transport/request_lines.h"

#include <string>

#include "support/catch.h"

namespace {

using airouter::Headers;

std::string lines_of(const Headers& headers) {
  airouter::HttpRequest request;
  request.headers = headers;
  std::string all;
  for (const auto& line : airouter::transport::request_lines(request))
    all += line + "|";
  return all;
}

}  // namespace

TEST_CASE("header fields go out as they are, and libcurl's own are taken away", "[transport]") {
  CHECK(lines_of({{"Content-Type", "application/json"}, {"X-Empty", ""}, {"Authorization", "Bearer k"}}) ==
        "Content-Type: application/json|X-Empty;|Authorization: Bearer k|Expect:|");
  CHECK(lines_of({}) == "Expect:|Content-Type:|");
}

TEST_CASE("a field that would become two is not sent", "[transport]") {
  CHECK(lines_of({{"A", "1\r\nB: 2"},
                  {"A", "1\n"},
                  {"A", std::string("1\0", 2)},
                  {"A\r\nB", "1"},
                  {"A: x", "1"},
                  {"", "1"},
                  {"A", "\x7f"},
                  {"B", "t\tab"},
                  {"C", "\xc3\xa9"}}) == "B: t\tab|C: \xc3\xa9|Expect:|Content-Type:|");
}

TEST_CASE("framing is the transport's own", "[transport]") {
  CHECK(lines_of({{"Host", "evil"},
                  {"content-length", "1"},
                  {"Transfer-Encoding", "chunked"},
                  {"expect", "100-continue"},
                  {"Connection", "close"},
                  {"Upgrade", "h2c"}}) == "Expect:|Content-Type:|");
}

TEST_CASE("find_header finds the first field of a name in any case", "[transport]") {
  const Headers headers{{"A", "1"}, {"Retry-After", "7"}, {"retry-after", "8"}};
  CHECK(airouter::find_header(headers, "RETRY-AFTER") == "7");
  CHECK(airouter::find_header(headers, "b").empty());
}
