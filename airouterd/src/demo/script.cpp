#include "demo/script.h"

#include <utility>

#include <fmt/format.h>

namespace airouterd::demo {

Script Script::with(Step step) const {
  Script longer = *this;
  longer.steps_.push_back(std::move(step));
  return longer;
}

Script Script::send(std::string bytes) const {
  return with({.kind = Step::Kind::send, .bytes = std::move(bytes)});
}

Script Script::send_slowly(std::string bytes, std::size_t piece_bytes,
                           std::chrono::milliseconds pause) const {
  return with(
      {.kind = Step::Kind::send, .bytes = std::move(bytes), .piece_bytes = piece_bytes, .pause = pause});
}

Script Script::send_repeatedly(std::string bytes, std::size_t count) const {
  return with({.kind = Step::Kind::send, .bytes = std::move(bytes), .count = count});
}

Script Script::pause(std::chrono::milliseconds duration) const {
  return with({.kind = Step::Kind::pause, .pause = duration});
}

Script Script::half_close() const {
  return with({.kind = Step::Kind::half_close});
}

Script Script::close() const {
  return with({.kind = Step::Kind::close});
}

Script Script::reset() const {
  return with({.kind = Step::Kind::reset});
}

Script Script::hang() const {
  return with({.kind = Step::Kind::hang});
}

Script Script::then(const Script& other) const {
  Script longer = *this;
  longer.steps_.insert(longer.steps_.end(), other.steps_.begin(), other.steps_.end());
  return longer;
}

std::string response_head(int status, const Headers& headers) {
  std::string head = fmt::format("HTTP/1.1 {} {}\r\n", status, status < 400 ? "OK" : "Error");
  for (const auto& [name, value] : headers)
    head += fmt::format("{}: {}\r\n", name, value);
  return head + "\r\n";
}

std::string chunk(std::string_view bytes) {
  return fmt::format("{:x}\r\n{}\r\n", bytes.size(), bytes);
}

std::string event(std::string_view data) {
  return fmt::format("data: {}\n\n", data);
}

Script answer(int status, Headers headers, std::string body) {
  headers.emplace_back("Content-Length", std::to_string(body.size()));
  body.insert(0, response_head(status, headers));
  return Script().send(std::move(body));
}

Script json_answer(std::string body, int status) {
  return answer(status, {{"Content-Type", "application/json"}}, std::move(body));
}

Script sse(const std::vector<std::string>& events, std::chrono::milliseconds pause) {
  return sse_open(events, pause).send(chunk(""));
}

Script sse_open(const std::vector<std::string>& events, std::chrono::milliseconds pause) {
  Script script = Script().send(
      response_head(200, {{"Content-Type", "text/event-stream"}, {"Transfer-Encoding", "chunked"}}));
  for (const auto& data : events) {
    script = script.send(chunk(event(data)));
    if (pause.count() > 0) script = script.pause(pause);
  }
  return script;
}

}  // namespace airouterd::demo
