#include "demo/chat_scripts.h"

#include <utility>

#include <fmt/format.h>

#include "base/json.h"

namespace airouterd::demo {
namespace {

namespace json = airouter::json;

constexpr std::string_view id = "chatcmpl-demo";
constexpr int created = 1'700'000'000;

std::string chunk_object(std::string_view model, std::string_view choices, std::string_view more = "") {
  return fmt::format(
      R"({{"id":"{}","object":"chat.completion.chunk","created":{},"model":{},"choices":[{}]{}}})", id,
      created, json::quote(model), choices, more);
}

}  // namespace

std::string chat_completion(std::string_view model, std::string_view content) {
  return fmt::format(
      R"({{"id":"{}","object":"chat.completion","created":{},"model":{},)"
      R"("choices":[{{"index":0,"message":{{"role":"assistant","content":{}}},"finish_reason":"stop"}}],)"
      R"("usage":{{"prompt_tokens":9,"completion_tokens":3,"total_tokens":12}}}})",
      id, created, json::quote(model), json::quote(content));
}

std::string role_chunk(std::string_view model) {
  return chunk_object(model, R"({"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null})");
}

std::string content_chunk(std::string_view model, std::string_view content) {
  return chunk_object(model, fmt::format(R"({{"index":0,"delta":{{"content":{}}},"finish_reason":null}})",
                                         json::quote(content)));
}

std::string finish_chunk(std::string_view model) {
  return chunk_object(model, R"({"index":0,"delta":{},"finish_reason":"stop"})");
}

std::string usage_chunk(std::string_view model, int input_tokens, int output_tokens) {
  return chunk_object(
      model, "",
      fmt::format(R"(,"usage":{{"prompt_tokens":{},"completion_tokens":{},"total_tokens":{}}})", input_tokens,
                  output_tokens, input_tokens + output_tokens));
}

std::string error_json(std::string_view message, std::string_view type, std::string_view code) {
  return fmt::format(R"({{"error":{{"message":{},"type":{},"param":null,"code":{}}}}})", json::quote(message),
                     json::quote(type), json::quote(code));
}

Script chat_answer(std::string_view model, std::string_view content) {
  return json_answer(chat_completion(model, content));
}

Script chat_stream(std::string_view model, const std::vector<std::string>& words,
                   std::chrono::milliseconds pause) {
  std::vector<std::string> events{role_chunk(model)};
  for (const auto& word : words)
    events.push_back(content_chunk(model, word));
  events.push_back(finish_chunk(model));
  events.emplace_back("[DONE]");
  return sse(events, pause);
}

Script chat_error(int status, std::string_view message, std::string_view type, std::string_view code,
                  Headers more_headers) {
  more_headers.emplace_back("Content-Type", "application/json");
  return answer(status, std::move(more_headers), error_json(message, type, code));
}

std::string requested_model(std::string_view body) {
  const auto parsed = json::parse(body);
  const auto* model = parsed.value ? parsed.value->find("model") : nullptr;
  return model != nullptr && model->is_string() ? model->text : std::string();
}

bool asks_for_stream(std::string_view body) {
  const auto parsed = json::parse(body);
  const auto* stream = parsed.value ? parsed.value->find("stream") : nullptr;
  return stream != nullptr && stream->kind == json::Kind::boolean && stream->boolean;
}

}  // namespace airouterd::demo
