#include "scenarios.h"

#include <chrono>
#include <stdexcept>
#include <string_view>

#include <fmt/format.h>

#include "base/json.h"
#include "demo/chat_scripts.h"

namespace clients {
namespace {

using namespace std::chrono_literals;
using namespace airouterd::demo;
namespace json = airouter::json;

const std::vector<std::string> words{"Grüße", ", ", "wide", " 🌍 ", "world", "."};

struct ToolCall {
  std::string name{}, arguments{};
};
const std::vector<ToolCall> tool_calls{{"weather", R"({"city":"Zürich","days":3})"},
                                       {"clock", R"({"zone":"Europe/Zurich"})"}};

const std::string model = "real-model";

bool wants(const ReceivedRequest& request, std::string_view what) {
  return request.body.find(what) != std::string::npos;
}

std::string choice_chunk(std::string_view delta, std::string_view finish_reason = "null") {
  return fmt::format(
      R"({{"id":"chatcmpl-1","object":"chat.completion.chunk","created":1700000000,"model":"{}",)"
      R"("choices":[{{"index":0,"delta":{},"finish_reason":{}}}]}})",
      model, delta, finish_reason);
}

std::string call_begins(std::size_t index) {
  return choice_chunk(fmt::format(
      R"({{"tool_calls":[{{"index":{},"id":"call_{}","type":"function","function":{{"name":"{}","arguments":""}}}}]}})",
      index, index, tool_calls[index].name));
}

std::string call_goes_on(std::size_t index, std::string_view piece) {
  return choice_chunk(fmt::format(R"({{"tool_calls":[{{"index":{},"function":{{"arguments":{}}}}}]}})", index,
                                  json::quote(piece)));
}

// The arguments come a few bytes at a time, as they do from real providers; never half a character.
std::vector<std::string> in_pieces(std::string_view text) {
  std::vector<std::string> pieces;
  for (std::size_t begin = 0; begin < text.size();) {
    std::size_t end = std::min(begin + 5, text.size());
    while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U)
      ++end;
    pieces.emplace_back(text.substr(begin, end - begin));
    begin = end;
  }
  return pieces;
}

std::vector<std::string> tool_events() {
  std::vector<std::string> events{role_chunk(model)};
  for (std::size_t i = 0; i < tool_calls.size(); ++i) {
    events.push_back(call_begins(i));
    for (const std::string& piece : in_pieces(tool_calls[i].arguments))
      events.push_back(call_goes_on(i, piece));
  }
  events.push_back(choice_chunk("{}", R"("tool_calls")"));
  events.emplace_back("[DONE]");
  return events;
}

Script tool_answer() {
  std::string calls;
  for (std::size_t i = 0; i < tool_calls.size(); ++i) {
    calls +=
        fmt::format(R"({}{{"id":"call_{}","type":"function","function":{{"name":"{}","arguments":{}}}}})",
                    i > 0 ? "," : "", i, tool_calls[i].name, json::quote(tool_calls[i].arguments));
  }
  return json_answer(fmt::format(
      R"({{"id":"chatcmpl-1","object":"chat.completion","created":1700000000,"model":"{}","choices":[)"
      R"({{"index":0,"message":{{"role":"assistant","content":null,"tool_calls":[{}]}},)"
      R"("finish_reason":"tool_calls"}}],"usage":{{"prompt_tokens":9,"completion_tokens":3,"total_tokens":12}}}})",
      model, calls));
}

std::vector<std::string> word_events() {
  std::vector<std::string> events{role_chunk(model)};
  for (const std::string& word : words)
    events.push_back(content_chunk(model, word));
  return events;
}

// The good provider: whatever is asked, the whole answer to it.
Script speak(const ReceivedRequest& request) {
  const bool is_stream = asks_for_stream(request.body);
  if (wants(request, R"("tools":)")) return is_stream ? sse(tool_events(), 1ms) : tool_answer();
  if (!is_stream) return chat_answer(model, whole_text());
  auto events = word_events();
  events.push_back(finish_chunk(model));
  if (wants(request, "include_usage")) events.push_back(usage_chunk(model, 9, 3));
  events.emplace_back("[DONE]");
  return sse(events, 1ms);
}

Turn always(const Script& script) {
  return [script](const ReceivedRequest&) { return script; };
}

Turn fails(int status, const std::string& code = "server_error", Headers headers = {}) {
  return always(chat_error(status, "no luck with " + code, code, code, std::move(headers)));
}

// A stream that has said two words; what comes next decides how it breaks.
Script half() {
  return sse_open({role_chunk(model), content_chunk(model, words[0]), content_chunk(model, words[1])}, 1ms);
}

// A stream that breaks inside its first event that holds `text`, `into` bytes after where that begins.
Script cut_in(const std::vector<std::string>& events, std::string_view text, std::size_t into) {
  std::vector<std::string> before;
  for (const std::string& data : events) {
    if (const auto at = data.find(text); at != std::string::npos)
      return sse_open(before, 1ms).send(chunk("data: " + data.substr(0, at + into))).close();
    before.push_back(data);
  }
  throw std::logic_error("no event holds " + std::string(text));
}

Script comments_only() {
  Script script = sse_open({});
  for (int i = 0; i < 100; ++i)
    script = script.send(chunk(": working on it\n\n")).pause(50ms);
  return script;
}

Script endless_words() {
  Script script = sse_open({role_chunk(model)});
  for (int i = 0; i < 1000; ++i)
    script = script.send(chunk(event(content_chunk(model, words[0])))).pause(20ms);
  return script;
}

Script without_length(std::string bytes) {
  return Script()
      .send(response_head(200, {{"Content-Type", "text/event-stream"}, {"Connection", "close"}}) +
            std::move(bytes))
      .close();
}

std::string events_text(const std::vector<std::string>& events) {
  std::string text;
  for (const std::string& data : events)
    text += event(data);
  return text;
}

std::vector<std::string> finished_events() {
  auto events = word_events();
  events.push_back(finish_chunk(model));
  return events;
}

std::string crlf_stream() {
  std::string text;
  auto events = finished_events();
  events.emplace_back("[DONE]");
  for (const std::string& data : events)
    text += "data:" + data + "\r\n\r\n";
  return text;
}

const Turn broken_key = fails(401, "invalid_api_key");
const Turn server_error = fails(500);
const Turn rate_limited = fails(429, "rate_limit_exceeded");
const Turn reset = always(Script().reset());
const Turn html =
    always(answer(200, {{"Content-Type", "text/html"}}, "<html><body>Please log in</body></html>"));
const Turn error_in_200 = always(json_answer(error_json("try later", "server_error", "server_error")));
const Turn silence = always(Script().hang());
const Turn too_long = fails(400, "context_length_exceeded");

// What a client must not notice: the answer is whole, at the next provider.
std::vector<Scenario> rescued() {
  const std::string error = error_json("something went wrong", "server_error", "server_error");
  const auto event_stream = [](std::string body) {
    return always(answer(200, {{"Content-Type", "text/event-stream"}}, std::move(body)));
  };
  return {
      {"plain", "plain", "whole", 2, {server_error, speak}},
      {"stream", "stream", "whole", 2, {rate_limited, speak}},
      {"plain-tools", "plain tools", "whole", 2, {broken_key, speak}},
      {"stream-tools", "stream tools", "whole", 2, {server_error, speak}},
      {"plain-third", "plain", "whole", 3, {reset, rate_limited, speak}},
      {"plain-reset", "plain", "whole", 2, {reset, speak}},
      {"plain-html", "plain", "whole", 2, {html, speak}},
      {"plain-empty", "plain", "whole", 2, {always(json_answer("")), speak}},
      {"plain-error-in-200", "plain", "whole", 2, {error_in_200, speak}},
      {"plain-cut",
       "plain",
       "whole",
       2,
       {always(answer(200, {{"Content-Type", "application/json"}, {"Content-Length", "9999"}}, "{\"id\":")
                   .close()),
        speak}},
      {"plain-silence", "plain", "whole", 2, {silence, speak}, R"({"first_output":2})"},
      {"stream-reset", "stream", "whole", 2, {reset, speak}},
      {"stream-dies-after-role",
       "stream",
       "whole",
       2,
       {always(sse_open({role_chunk(model)}).close()), speak}},
      {"stream-role-then-error", "stream", "whole", 2, {always(sse({role_chunk(model), error})), speak}},
      {"stream-error-in-200", "stream", "whole", 2, {error_in_200, speak}},
      {"stream-html", "stream", "whole", 2, {html, speak}},
      {"stream-empty", "stream", "whole", 2, {event_stream(""), speak}},
      {"stream-done-only", "stream", "whole", 2, {event_stream("data: [DONE]\n\n"), speak}},
      {"stream-comments-for-ever",
       "stream",
       "whole",
       2,
       {always(comments_only()), speak},
       R"({"first_output":2})"},
      {"stream-silence", "stream", "whole", 2, {silence, speak}, R"({"first_output":2})"},
      {"helper", "helper", "whole", 2, {server_error, speak}},
  };
}

// Odd streams that say everything.
std::vector<Scenario> odd() {
  const auto finished = finished_events();
  auto done = finished;
  done.emplace_back("[DONE]");
  auto trailing = done;
  trailing.push_back(content_chunk(model, "never to be seen"));
  return {
      {"stream-without-done", "stream", "whole", 2, {server_error, always(sse(finished))}},
      {"stream-closed-after-finish",
       "stream",
       "whole",
       2,
       {server_error, always(sse_open(finished).close())}},
      {"stream-goes-on-after-done", "stream", "whole", 2, {server_error, always(sse(trailing))}},
      {"stream-without-length",
       "stream",
       "whole",
       2,
       {server_error, always(without_length(events_text(done)))}},
      {"stream-as-json", "stream", "whole", 2, {server_error, always(chat_answer(model, whole_text()))}},
      {"stream-crlf-byte-by-byte",
       "stream",
       "whole",
       2,
       {server_error, always(Script()
                                 .send(response_head(200, {{"Content-Type", "text/event-stream"}}))
                                 .send_slowly(crlf_stream(), 1, 0ms)
                                 .close())}},
  };
}

// Streams that break after words that the client has seen: a third provider stands ready, and must not be
// asked.
std::vector<Scenario> broken() {
  const auto breaks = [](const std::string& name, const Script& script, const std::string& timeouts = "") {
    return Scenario{"broken-" + name, "stream", "stream_broken", 2, {server_error, always(script), speak},
                    timeouts};
  };
  const std::string error = error_json("the engine stalled", "server_error", "engine_stalled");
  auto tools = breaks("in-tool-arguments", cut_in(tool_events(), "Z", 1));
  tools.asks = "stream tools";
  auto helper = breaks("helper", half().close());
  helper.asks = "helper";
  return {
      breaks("between-events", half().close()),
      breaks("inside-an-event", cut_in(word_events(), "wide", 2)),
      breaks("inside-a-character", cut_in(word_events(), "🌍", 2)),
      breaks("by-reset", half().pause(50ms).reset()),
      breaks("ends-without-finish", half().send(chunk(""))),
      breaks("error-event", half().send(chunk(event(error))).send(chunk(""))),
      breaks("error-event-then-done", half().send(chunk(event(error) + event("[DONE]"))).send(chunk(""))),
      breaks("garbage-line",
             half().send(chunk(event("{not json"))).send(chunk(event("[DONE]"))).send(chunk(""))),
      breaks("stall", half().hang(), R"({"idle":1})"),
      breaks("without-length",
             without_length(events_text({role_chunk(model), content_chunk(model, words[0])}))),
      breaks("bad-chunk", half().send("zz\r\nnonsense\r\n")),
      tools,
      helper,
      // Behind the 200 that a waiting client gets, a failure has no status left.
      {"broken-late", "stream", "all_providers_failed", 3, {silence}, R"({"first_output":1.5})"},
  };
}

std::vector<Scenario> errors() {
  const Turn wait_a_second = fails(429, "rate_limit_exceeded", {{"Retry-After", "1"}});
  const Turn wait_an_hour = fails(429, "rate_limit_exceeded", {{"Retry-After", "3600"}});
  return {
      {"plain-too-long", "plain", "context_length_exceeded", 2, {server_error, too_long}},
      {"stream-too-long", "stream", "context_length_exceeded", 2, {server_error, too_long}},
      // Asked for by name, with the library's retries turned on.
      {"retry", "", "", 0, {wait_a_second, wait_a_second, wait_a_second, speak}},
      {"retry-stream", "", "", 0, {wait_a_second, wait_a_second, wait_a_second, speak}},
      {"down", "", "", 0, {server_error}},
      {"limited", "", "", 0, {wait_an_hour}},
      {"keys", "", "", 0, {broken_key}},
      // Asked for by name, and left.
      {"abort-plain", "", "", 0, {reset, silence}},
      {"abort-stream", "", "", 0, {reset, always(endless_words())}},
      {"abort-silent-stream", "", "", 0, {reset, silence}},
      {"leave-stream", "", "", 0, {reset, always(endless_words())}},
  };
}

}  // namespace

std::vector<Scenario> scenarios() {
  std::vector<Scenario> all;
  for (auto&& part : {rescued(), odd(), broken(), errors()})
    all.insert(all.end(), part.begin(), part.end());
  return all;
}

std::string whole_text() {
  std::string text;
  for (const std::string& word : words)
    text += word;
  return text;
}

std::string whole_calls() {
  std::string text;
  for (const ToolCall& call : tool_calls)
    text += (text.empty() ? "" : "\n") + call.name + " " + call.arguments;
  return text;
}

std::map<std::string, std::string> messages() {
  return {{"stream_broken", "failed after output had been delivered"},
          {"all_providers_failed", "providers for"},
          {"no_provider_available", "no provider"},
          {"context_length_exceeded", "no luck with context_length_exceeded"}};
}

}  // namespace clients
