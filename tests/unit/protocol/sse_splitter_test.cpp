#include "protocol/sse_splitter.h"

#include <vector>

#include "base/limits.h"
#include "support/catch.h"

using namespace airouter;
using protocol::SseSplitter;

namespace {

void drain(SseSplitter& splitter, std::string& out) {
  while (const auto event = splitter.next()) {
    if (!event->name.empty()) out += "(" + std::string(event->name) + ") ";
    out += std::string(event->data) + "\n";
  }
}

// The events of a whole stream, fed in the given pieces, and how it ended.
std::string split(const std::vector<std::string_view>& pieces) {
  SseSplitter splitter;
  std::string out;
  for (const std::string_view piece : pieces) {
    splitter.feed(piece);
    drain(splitter, out);
  }
  splitter.finish();
  drain(splitter, out);
  if (splitter.has_partial()) out += "…\n";
  if (splitter.overflowed()) out += "overflow\n";
  return out;
}

std::string split(std::string_view whole) {
  return split(std::vector<std::string_view>{whole});
}

struct Case {
  std::string stream, events;
};

const std::vector<Case>& nasty() {
  static const std::vector<Case> cases = {
      {"data: a\n\ndata: b\n\n", "a\nb\n"},
      {"data:a\r\rdata:b\r\n\r\ndata: c\n\r\n", "a\nb\nc\n"},
      {"data: a\r\n\r\n\r\n\ndata: b\r\r", "a\nb\n"},
      {"\xEF\xBB\xBF"
       "data: a\n\n",
       "a\n"},
      {"\xEF\xBB"
       "data: a\n\ndata: b\n\n",
       "b\n"},
      {"\xEF\xBB\xBF\xEF\xBB\xBF"
       "data: a\n\ndata: b\n\n",
       "b\n"},
      {"data: a\n\n\xEF\xBB\xBF"
       "data: b\n\n",
       "a\n"},
      {": comment\n\n:\n\n:data: x\n\ndata: a\n\n", "a\n"},
      {"data: {\ndata: \"a\":1\ndata:}\n\n", "{ \"a\":1 }\n"},
      {"data\n\ndata:\n\ndata: \n\ndata:   \ndata\n\ndata: a\n\n", "a\n"},
      {"data:  two blanks\n\ndata:\ttab\n\n", " two blanks\n\ttab\n"},
      {"event: error\ndata: x\n\ndata: y\n\n", "(error) x\ny\n"},
      {"event: error\n\ndata: y\n\n", "y\n"},
      {"event:error\nevent\ndata: y\n\n", "y\n"},
      {"data: x\nevent: error\nid: 7\nretry: 9\nfoo: bar\nDATA: z\ndatas: z\ndat: z\n\n", "(error) x\n"},
      {" data: x\n\ndata : x\n\ndata: y\n\n", "y\n"},
      {"data: \xE4\xBD\xA0\xE5\xA5\xBD\n\ndata: \xF0\x9F\x98\x80\n\n",
       "\xE4\xBD\xA0\xE5\xA5\xBD\n\xF0\x9F\x98\x80\n"},
      {std::string("data: a\0b\n\n", 11), std::string("a\0b\n", 4)},
      {"data: a: b:c\n\n", "a: b:c\n"},
      // What stands there when the upstream ends:
      {"data: a\n\ndata: cut", "a\n…\n"},
      {"data: a\n\ndata: whole\n", "a\nwhole\n"},
      {"data: a\n\ndata: whole\r", "a\nwhole\n"},
      {"data: [DONE]", "[DONE]\n"},
      {"data: [DONE", "…\n"},
      {"data: {\"a\":1}", "{\"a\":1}\n"},
      {"data: {\"a\":1", "…\n"},
      {"data: {\"a\":1}\nid: 4", "{\"a\":1}\n"},
      {"data: {\"a\":\ndata: 1", "…\n"},
      {"data: {\"a\":\ndata: 1}", "{\"a\": 1}\n"},
      {"data: a\n\nda", "a\n…\n"},
      {"data: a\n\n: comm", "a\n"},
      {"data: a\n\ndata:", "a\n…\n"},
      {"", ""},
      {"\n\r\n\r", ""},
  };
  return cases;
}

}  // namespace

TEST_CASE("a stream is cut into events by the rules of the WHATWG", "[sse]") {
  for (const Case& c : nasty()) {
    INFO(c.stream);
    CHECK(split(c.stream) == c.events);
  }
}

TEST_CASE("the events do not depend on where the bytes are cut", "[sse]") {
  for (const Case& c : nasty()) {
    INFO(c.stream);
    const std::string_view s = c.stream;
    std::vector<std::string_view> bytes;
    for (std::size_t i = 0; i < s.size(); ++i) {
      bytes.push_back(s.substr(i, 1));
      for (std::size_t j = i; j <= s.size(); ++j)
        CHECK(split({s.substr(0, i), s.substr(i, j - i), s.substr(j)}) == c.events);
    }
    CHECK(split(bytes) == c.events);
  }
}

TEST_CASE("the largest event passes, fed byte by byte or at once, and one byte more does not", "[sse]") {
  const std::string largest = "data: " + std::string(limits::sse_event_bytes_max, 'x') + "\n\n";
  for (const std::size_t piece : {std::size_t{1}, 16 * limits::kibibyte, largest.size()}) {
    SseSplitter splitter;
    std::size_t bytes = 0;
    for (std::size_t at = 0; at < largest.size(); at += piece) {
      splitter.feed(std::string_view(largest).substr(at, piece));
      while (const auto event = splitter.next())
        bytes += event->data.size();
    }
    CHECK(bytes == limits::sse_event_bytes_max);
    CHECK_FALSE(splitter.overflowed());
  }
  CHECK(split("data: x" + largest.substr(6)) == "overflow\n");
}

TEST_CASE("many small data lines count as one event, and end in an overflow", "[sse]") {
  SseSplitter splitter;
  std::string lines;
  for (int i = 0; i < 4096; ++i)
    lines += "data:\n";
  for (std::size_t bytes = 0; bytes <= limits::sse_event_bytes_max && !splitter.overflowed(); bytes += 4096) {
    splitter.feed(lines);
    CHECK_FALSE(splitter.next());
  }
  CHECK(splitter.overflowed());
  splitter.feed("data: a\n\n");
  CHECK_FALSE(splitter.next());
  CHECK_FALSE(splitter.has_partial());
}

TEST_CASE("endless comments, ids and event names are not held", "[sse]") {
  for (const char* begin : {":", "id: ", "nonsense", "event: "}) {
    SseSplitter splitter;
    splitter.feed(begin);
    const std::string piece(limits::mebibyte, 'x');
    for (int i = 0; i < 64; ++i) {
      splitter.feed(piece);
      REQUIRE_FALSE(splitter.next());
    }
    splitter.feed("\ndata: a\n\n");
    const auto event = splitter.next();
    REQUIRE(event);
    CHECK(event->data == "a");
    CHECK(event->name.size() <= 32);
  }
}

TEST_CASE("events that are fed together can be taken between feeds", "[sse]") {
  SseSplitter splitter;
  std::string out;
  for (int i = 0; i < 1000; ++i) {
    splitter.feed("data: 1\n\ndata: 2\n\n");
    const auto event = splitter.next();
    REQUIRE(event);
    out += event->data;
  }
  for (int i = 0; i < 1000; ++i)
    out += splitter.next()->data;
  CHECK_FALSE(splitter.next());
  CHECK(out.size() == 2000);
  CHECK(out.substr(998, 4) == "1212");
}
