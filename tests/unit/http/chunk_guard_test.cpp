#include "http/chunk_guard.h"

#include <string>
#include <vector>

#include "support/catch.h"

using airouterd::http::ChunkGuard;

namespace {

std::string told(std::string_view bytes, std::size_t piece) {
  ChunkGuard guard;
  std::size_t used = 0;
  while (used < bytes.size()) {
    const auto part = bytes.substr(used, piece);
    const auto accepted = guard.accept(part);
    used += accepted;
    if (accepted < part.size()) break;
  }
  const auto state = guard.state();
  const std::string name = state == ChunkGuard::State::complete ? "complete"
                           : state == ChunkGuard::State::more   ? "more"
                                                                : "broken";
  return name + " " + std::to_string(used);
}

struct Row {
  std::string bytes, expected;
};

}  // namespace

TEST_CASE("chunked bodies are framed strictly", "[http][chunked]") {
  const std::vector<Row> rows{
      {"0\r\n\r\n", "complete 5"},
      {"3\r\nabc\r\n0\r\n\r\nGET /", "complete 13"},
      {"0003;name=\"v\"\r\nabc\r\n000\r\n\r\n", "complete 27"},
      {"A\r\n0123456789\r\n1\r\n\n\r\n0\r\n\r\n", "complete 26"},
      {"3\r\nab", "more 5"},
      {"3\r\nabc\r\n0\r\n", "more 11"},
      {"\r\n", "broken 0"},
      {"-3\r\nabc", "broken 0"},
      {"+3\r\nabc", "broken 0"},
      {" 3\r\nabc", "broken 0"},
      {"0x3\r\nabc", "broken 1"},
      {"3 \r\nabc", "broken 1"},
      {"3\nabc", "broken 1"},
      {"3\r\rabc", "broken 2"},
      {"3\r\nabcd\r\n", "broken 6"},
      {"3\r\nabc\n0\r\n\r\n", "broken 6"},
      {"000000003\r\nabc", "broken 8"},
      {"ffffffffffffffff\r\n", "broken 8"},
      {";\r\n", "broken 0"},
      {"3;\x01\r\n", "broken 2"},
      {"0\r\nTrailer: x\r\n\r\n", "broken 3"},
      {"0\r\n\rX", "broken 4"},
      {"3;" + std::string(5000, 'x'), "broken 4098"},
  };
  for (const auto& row : rows) {
    for (const std::size_t piece : {std::size_t{1}, std::size_t{2}, std::size_t{7}, std::size_t{100'000}}) {
      CAPTURE(row.bytes, piece);
      CHECK(told(row.bytes, piece) == row.expected);
    }
  }
}

TEST_CASE("extensions are bounded over the whole body", "[http][chunked]") {
  std::string body;
  for (int i = 0; i < 500; ++i)
    body += "1;0123456789\r\na\r\n";
  CHECK(told(body, 64).rfind("broken", 0) == 0);
}
