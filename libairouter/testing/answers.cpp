#include <fmt/format.h>

#include <airouter/testing.h>

namespace airouter::testing {
namespace {

const Headers json_type{{"content-type", "application/json"}};
const Headers stream_type{{"content-type", "text/event-stream"}};

std::string event(std::string_view model, std::string_view delta, std::string_view finish_reason) {
  return fmt::format(
      R"(data: {{"id":"chatcmpl-1","object":"chat.completion.chunk","created":1767225600,"model":"{}",)"
      R"("choices":[{{"index":0,"delta":{{{}}},"finish_reason":{}}}]}})"
      "\n\n",
      model, delta, finish_reason);
}

}  // namespace

Script answer(int status, std::string body, Headers headers) {
  return Script().head(status, std::move(headers)).body(std::move(body)).end();
}

Script completion(std::string_view content, std::string_view model) {
  return answer(
      200,
      fmt::format(R"({{"id":"chatcmpl-1","object":"chat.completion","created":1767225600,"model":"{}",)"
                  R"("choices":[{{"index":0,"message":{{"role":"assistant","content":"{}"}},)"
                  R"("finish_reason":"stop"}}],"usage":{{"prompt_tokens":3,"completion_tokens":5,)"
                  R"("total_tokens":8}}}})",
                  model, content),
      json_type);
}

Script stream(const std::vector<std::string>& words, std::chrono::milliseconds pause,
              std::string_view model) {
  Script script;
  script.head(200, stream_type).body(role_event(model));
  for (const std::string& word : words)
    script.after(pause).body(content_event(word, model));
  script.body(finish_event(model)).body(done_event()).end();
  return script;
}

Script failure(TransferFailure how, std::chrono::milliseconds after) {
  return Script().after(after).end(how);
}

std::string role_event(std::string_view model) {
  return event(model, R"("role":"assistant","content":"")", "null");
}

std::string content_event(std::string_view content, std::string_view model) {
  return event(model, fmt::format(R"("content":"{}")", content), "null");
}

std::string finish_event(std::string_view model) {
  return event(model, "", "\"stop\"");
}

std::string done_event() {
  return "data: [DONE]\n\n";
}

}  // namespace airouter::testing
