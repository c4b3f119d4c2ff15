#include "upstream_answers.h"

#include <array>
#include <cstdio>

#include "socket.h"

namespace bench {
namespace {

// The text behind `"name":` and blanks.
std::string_view behind_name(std::string_view body, std::string_view name) {
  const auto at = body.find(name);
  if (at == std::string_view::npos) return {};
  body.remove_prefix(at + name.size());
  while (body.starts_with(' ') || body.starts_with(':'))
    body.remove_prefix(1);
  return body;
}

std::string as_chunk(const std::string& data) {
  std::array<char, 16> size{};
  std::snprintf(size.data(), size.size(), "%zx\r\n", data.size());
  return size.data() + data + "\r\n";
}

std::string chunk_object(std::string_view model, std::string_view delta, std::string_view finish_reason) {
  std::string text =
      R"(data: {"id":"chatcmpl-bench","object":"chat.completion.chunk","created":1700000000,"model":")";
  text.append(model).append(R"(","choices":[{"index":0,"delta":{)").append(delta);
  text.append(R"(},"finish_reason":)").append(finish_reason).append("}]}\n\n");
  return text;
}

}  // namespace

Wish wish_of(std::string_view body) {
  Wish wish;
  std::string_view model = behind_name(body, R"("model")");
  if (model.starts_with('"')) model.remove_prefix(1);
  wish.model = model.substr(0, model.find('"'));
  int rate = 0;
  if (std::sscanf(wish.model.c_str(), "stream-%dx%d", &rate, &wish.events) == 2 && rate > 0) {
    wish.is_stream = behind_name(body, R"("stream")").starts_with("true");
    wish.interval_ns = ns_per_s / rate;
  }
  return wish;
}

std::string plain_answer(std::string_view model) {
  constexpr std::string_view sentence = "The quick brown fox jumps over the lazy dog, again and again. ";
  std::string body = R"({"id":"chatcmpl-bench","object":"chat.completion","created":1700000000,"model":")";
  body.append(model).append(R"(","choices":[{"index":0,"message":{"role":"assistant","content":")");
  for (int i = 0; i < 12; ++i)
    body.append(sentence);
  body.append(R"("},"logprobs":null,"finish_reason":"stop"}],)");
  body.append(R"("usage":{"prompt_tokens":57,"completion_tokens":170,"total_tokens":227}})");
  return "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " +
         std::to_string(body.size()) + "\r\n\r\n" + body;
}

std::string stream_head() {
  return "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-cache\r\n"
         "Transfer-Encoding: chunked\r\n\r\n";
}

std::string stream_event(std::string_view model, int number, std::int64_t sent_at_ns) {
  std::array<char, 80> delta{};
  std::snprintf(delta.data(), delta.size(), R"("content":"@%06d %019lld some words ")", number,
                static_cast<long long>(sent_at_ns));
  return as_chunk(chunk_object(model, delta.data(), "null"));
}

std::string stream_end(std::string_view model) {
  return as_chunk(chunk_object(model, "", R"("stop")")) + as_chunk("data: [DONE]\n\n") + "0\r\n\r\n";
}

}  // namespace bench
