#include "demo/self_request.h"

#include <memory>

#include <airouter/transport.h>

#include "base/json.h"

namespace airouterd::demo {
namespace {

namespace json = airouter::json;
using airouter::Error;
using airouter::ErrorCode;
using airouter::Exchange;

// choices[0].delta.content of an event, or empty.
std::string content_of(std::string_view data) {
  const json::Parsed parsed = json::parse(data);
  const json::Value* choices = parsed.value ? parsed.value->find("choices") : nullptr;
  if (choices == nullptr || choices->items.empty()) return {};
  const json::Value* delta = choices->items[0].find("delta");
  const json::Value* content = delta == nullptr ? nullptr : delta->find("content");
  return content == nullptr ? std::string() : content->text;
}

}  // namespace

airouter::Result<void> ask(const std::string& base_url,
                           const std::function<void(std::string_view word)>& on_word) {
  const std::string body =
      R"({"model":"demo","stream":true,"messages":[{"role":"user","content":"Hello, who are you?"}]})";
  airouter::HttpRequest request;
  request.url = base_url + "/v1/chat/completions";
  request.headers = {{"content-type", "application/json"}};
  request.body = body;
  request.connect_timeout = std::chrono::seconds(5);
  request.proxy = "none";
  const auto transport = airouter::make_curl_transport();
  const auto exchange = transport->open(request);
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  std::string unread, all;
  bool is_done = false;
  for (;;) {
    const Exchange::Event event = exchange->wait(until, nullptr);
    if (event == Exchange::Event::head) continue;
    if (event != Exchange::Event::body) break;
    unread += exchange->body();
    all += exchange->body();
    for (std::size_t end = unread.find("\n\n"); end != std::string::npos; end = unread.find("\n\n")) {
      const std::string line = unread.substr(0, end);
      unread.erase(0, end + 2);
      constexpr std::string_view prefix = "data: ";
      if (!line.starts_with(prefix)) continue;
      const std::string data = line.substr(prefix.size());
      is_done = is_done || data == "[DONE]";
      if (const std::string word = content_of(data); !word.empty()) on_word(word);
    }
  }
  if (is_done) return {};
  return Error{.code = ErrorCode::stream_broken, .message = "the demonstration's own request failed: " + all};
}

}  // namespace airouterd::demo
