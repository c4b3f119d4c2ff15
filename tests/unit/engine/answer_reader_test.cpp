#include "engine/answer_reader.h"

#include "support/catch.h"

using namespace airouter;
using engine::AnswerReader;

namespace {

constexpr std::string_view mark = "\xEF\xBB\xBF";

// What a streamed request gets to see of a body that comes in pieces of that many bytes.
std::string shown(std::string_view body, std::size_t piece) {
  AnswerReader reader({.wants_stream = true});
  reader.on_head({.status = 200, .headers = {}});
  for (std::size_t at = 0; at < body.size(); at += piece)
    reader.on_body(body.substr(at, piece));
  reader.on_end(TransferFailure::none);
  return reader.state() == AnswerReader::State::complete ? reader.take_output() : reader.detail();
}

}  // namespace

TEST_CASE("an answer is recognised however blanks and byte order marks before it are cut", "[streaming]") {
  const std::string event = R"({"choices":[{"delta":{"content":"Hi"},"finish_reason":"stop"}]})";
  const std::string stream = "data: " + event + "\n\ndata: [DONE]\n\n";
  const std::string answer = R"({"object":"chat.completion.chunk","choices":[{"index":0,"message":{}}]})";
  const std::string chunk =
      "data: {\"object\":\"chat.completion.chunk\",\"choices\":[{\"index\":0,\"delta\":{}}]}\n\n"
      "data: [DONE]\n\n";
  for (const std::string before : {"", "\n", " \r\n\t"}) {
    for (const std::string_view marks : {std::string_view(), mark}) {
      for (const std::string after : {"", "\n", "\xEF\xBB\xBF"}) {
        const std::string start = before + std::string(marks) + after;
        for (const std::size_t piece : {std::size_t{1}, std::size_t{2}, std::size_t{1000}}) {
          INFO("in pieces of " << piece << " after " << start.size() << " bytes");
          CHECK(shown(start + stream, piece) == stream);
          CHECK(shown(start + answer, piece) == chunk);
        }
      }
    }
  }
}
