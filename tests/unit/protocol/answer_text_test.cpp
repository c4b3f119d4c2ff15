#include "protocol/answer_text.h"

#include <airouter/call.h>

#include "support/catch.h"

using airouter::protocol::answer_text;

TEST_CASE("the text of an answer is the first choice's content", "[protocol]") {
  struct Row {
    const char* data;
    const char* text;
  };
  const Row rows[] = {
      {"data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Gr\\u00fc\\u00dfe\"}}]}\n\n", "Grüße"},
      {"data: {\"choices\":[{\"delta\":{\"content\":\"a\"}}]}\n\ndata: {\"choices\":[{\"delta\":{\"content\":"
       "\"b\"}}]}\n\ndata: [DONE]\n\n",
       "ab"},
      {"data: {\"choices\":[{\"delta\":{\"content\":\"no\"},\"index\":1},{\"delta\":{\"content\":\"yes\"},"
       "\"index\":0}]}\n\n",
       "yes"},
      {"event: x\ndata: "
       "{\"choices\":[{\"delta\":{\"content\":[{\"type\":\"text\",\"text\":\"part\"}]}}]}\n\n",
       "part"},
      {"data: {\"choices\":[{\"delta\":{\"role\":\"assistant\",\"content\":null}}]}\n\n", ""},
      {"data: {\"choices\":[{\"delta\":{\"tool_calls\":[{\"function\":{\"arguments\":\"{}\"}}]}}]}\n\n", ""},
      {"data: {\"choices\":[{\"delta\":{\"reasoning_content\":\"hm\"}}]}\n\n", ""},
      {"{\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"whole\"}}]}", "whole"},
      {" \n{\"choices\":[{\"message\":{\"content\":\"blank first\"}}]}", "blank first"},
      {"", ""},
      {"data: ", ""},
      {"data: {broken", ""},
      {"data: [DONE]\n\n", ""},
      {"neither", ""},
  };
  for (const Row& row : rows) {
    INFO(row.data);
    CHECK(answer_text(row.data) == row.text);
  }
}

TEST_CASE("callbacks for text hand on what is text, and nothing else", "[protocol]") {
  std::string told;
  const auto callbacks = airouter::text_callbacks([&](std::string_view text) {
    told += "<" + std::string(text) + ">";
    return text == "stop" ? airouter::Flow::stop : airouter::Flow::proceed;
  });
  CHECK(callbacks.on_data("data: {\"choices\":[{\"delta\":{\"content\":\"a\"}}]}\n\n") ==
        airouter::Flow::proceed);
  CHECK(callbacks.on_data("data: [DONE]\n\n") == airouter::Flow::proceed);
  CHECK(callbacks.on_data("{\"choices\":[{\"message\":{\"content\":\"stop\"}}]}") == airouter::Flow::stop);
  CHECK(told == "<a><stop>");
  CHECK(airouter::text_callbacks({}).on_data("{\"choices\":[{\"message\":{\"content\":\"x\"}}]}") ==
        airouter::Flow::proceed);
}
