#include "engine/answer_reader.h"

#include "base/limits.h"
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

TEST_CASE("all that is held of an answer counts, until its taker lets go of it", "[streaming][memory]") {
  constexpr std::size_t large = 1'000'000;
  ByteBudget budget(std::size_t{16} * limits::mebibyte);
  const std::string role = R"(data: {"choices":[{"delta":{"role":"assistant"}}]})"
                           "\n\n";
  const std::string word =
      R"(data: {"choices":[{"delta":{"content":")" + std::string(large, 'x') + "\"}}]}\n\n";
  const std::string answer = R"({"choices":[{"message":{"content":")" + std::string(large, 'x') + "\"}}]}";
  {
    AnswerReader reader({.wants_stream = true, .budget = &budget});
    reader.on_head({.status = 200, .headers = {}});
    SECTION("events without output, held back") {
      while (reader.state() == AnswerReader::State::holding && budget.used() < large / 2)
        reader.on_body(role);
      CHECK(budget.used() >= large / 2);
    }
    SECTION("a large event, in the making and taken") {
      reader.on_body(std::string_view(word).substr(0, large));
      CHECK(budget.used() > large - 100);
      reader.on_body(std::string_view(word).substr(large));
      const std::string taken = reader.take_output();
      CHECK(budget.used() >= taken.size());
      reader.let_go();
      CHECK(budget.used() == 0);
    }
  }
  SECTION("a plain answer, taken") {
    AnswerReader reader({.wants_stream = false, .budget = &budget});
    reader.on_head({.status = 200, .headers = {}});
    reader.on_body(answer);
    reader.on_end(TransferFailure::none);
    REQUIRE(reader.state() == AnswerReader::State::complete);
    CHECK(reader.take_output() == answer);
    CHECK(budget.used() == answer.size());
    reader.let_go();
  }
  CHECK(budget.used() == 0);
}

TEST_CASE("an answer that finds the budget spent is refused", "[streaming][memory]") {
  ByteBudget budget(limits::mebibyte);
  auto other = ByteBudget::Share(budget);
  REQUIRE(other.grow_to(limits::mebibyte - 100));
  const bool wants_stream = GENERATE(false, true);
  AnswerReader reader({.wants_stream = wants_stream, .budget = &budget});
  reader.on_head({.status = 200, .headers = {}});
  reader.on_body(wants_stream ? "data: " : "{");
  CHECK(reader.state() == AnswerReader::State::holding);
  reader.on_body(std::string(limits::uncounted_event_bytes + 1, 'x'));
  CHECK(reader.state() == AnswerReader::State::refused);
}
