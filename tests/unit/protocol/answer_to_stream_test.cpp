#include "protocol/answer_to_stream.h"

#include "protocol/sse_splitter.h"
#include "protocol/stream_judge.h"
#include "support/catch.h"

using namespace airouter;
using protocol::stream_of_answer;

TEST_CASE("a plain answer becomes a chunk, a usage event and [DONE]", "[stream_of_answer]") {
  const std::string body =
      "{\r\n  \"id\": \"c-1\",\n  \"object\": \"chat.completion\", \"created\": 1, \"model\": \"real\",\n"
      "  \"choices\": [{\"index\": 0, \"message\": {\"role\": \"assistant\", \"content\": \"a\\nb "
      "\\u4f60\"}, "
      "\"finish_reason\": \"stop\"}],\n  \"usage\": {\"prompt_tokens\": 1,\n \"completion_tokens\": 2}, "
      "\"x\": 1e2 }\n";
  CHECK(*stream_of_answer(body, "asked \"for\"") ==
        "data: {    \"id\": \"c-1\",   \"object\": \"chat.completion.chunk\", \"created\": 1, \"model\": "
        "\"asked "
        "\\\"for\\\"\",   \"choices\": [{\"index\": 0, \"delta\": {\"role\": \"assistant\", \"content\": "
        "\"a\\nb "
        "\\u4f60\"}, \"finish_reason\": \"stop\"}],   \"usage\": null, \"x\": 1e2 } \n\n"
        "data: {\"id\":\"c-1\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"asked "
        "\\\"for\\\"\","
        "\"choices\":[],\"usage\":{\"prompt_tokens\": 1,  \"completion_tokens\": 2}}\n\n"
        "data: [DONE]\n\n");
}

TEST_CASE("without a name to show, the answer's model stays", "[stream_of_answer]") {
  CHECK(
      *stream_of_answer(R"({"model":"m","object":"o","choices":[{"index":0,"message":{}}],"usage":null})",
                        {}) ==
      "data: {\"model\":\"m\",\"object\":\"chat.completion.chunk\",\"choices\":[{\"index\":0,\"delta\":{}}],"
      "\"usage\":null}\n\ndata: [DONE]\n\n");
  CHECK(
      *stream_of_answer(R"({"model":"m","choices":[{"message":{}}],"usage":{}})", {}) ==
      "data: {\"object\":\"chat.completion.chunk\",\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{}}],"
      "\"usage\":null}\n\ndata: {\"object\":\"chat.completion.chunk\",\"model\":\"m\",\"choices\":[],"
      "\"usage\":{}}\n\ndata: [DONE]\n\n");
}

TEST_CASE("choices and tool calls get the index that SDKs need", "[stream_of_answer]") {
  CHECK(
      *stream_of_answer(
          R"({"object":"o","choices":[{"message":{"tool_calls":[{"id":"a","function":{"name":"f"}},)"
          R"({"index":7,"id":"b"},{ },{"function":{}}]}},{"message":{"tool_calls":[{"id":"c"}]}}]})",
          {}) ==
      R"(data: {"object":"chat.completion.chunk","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"a",)"
      R"("function":{"name":"f"}},{"index":7,"id":"b"},{"index":2 },{"index":3,"function":{}}]}},)"
      R"({"index":1,"delta":{"tool_calls":[{"index":0,"id":"c"}]}}]})"
      "\n\ndata: [DONE]\n\n");
}

TEST_CASE("what the stream judge makes of a converted answer is a good stream", "[stream_of_answer]") {
  const auto text = stream_of_answer(
      R"({"choices":[{"message":{"content":"x"},"finish_reason":"stop"}],"usage":{"prompt_tokens":1},"usage":{"prompt_tokens":5}})",
      "m");
  REQUIRE(text);
  protocol::SseSplitter splitter;
  protocol::StreamJudge judge;
  splitter.feed(*text);
  int events = 0;
  while (const auto event = splitter.next()) {
    const protocol::JudgedEvent judged = judge.judge(event->data, event->name);
    if (judged.usage) CHECK(judged.usage->input_tokens == 5);
    CHECK(judged.kind != protocol::JudgedEvent::Kind::bad);
    ++events;
  }
  CHECK(events == 3);
  CHECK(judge.is_complete());
}

TEST_CASE("what is no chat completion is not converted", "[stream_of_answer]") {
  for (const char* body :
       {"", "{}", R"({"choices":[]})", R"({"choices":[{"text":"x"}]})", R"({"choices":[{"message":"x"}]})",
        R"({"choices":[{"message":{}}],"error":{"message":"m"}})", R"({"choices":[{"message":{}}])",
        "<html>"})
    CHECK_FALSE(stream_of_answer(body, "m"));
  std::string many = R"({"choices":[{"message":{"tool_calls":[{})";
  for (int i = 0; i < 100'000; ++i)
    many += ",{}";
  CHECK_FALSE(stream_of_answer(many + "]}}]}", "m"));
}
