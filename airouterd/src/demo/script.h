#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <airouter/transport.h>

namespace airouterd::demo {

using airouter::Headers;

// One thing that a scripted provider does to a connection.
struct Step {
  enum class Kind {
    send,        // `bytes`, `count` times over (0: until the peer leaves), in pieces with a pause after each
    pause,       // says nothing for `pause`
    half_close,  // sends FIN, keeps reading
    close,       // ends the connection in an orderly way
    reset,       // ends it with RST
    hang,        // says nothing until the peer leaves
  };
  Kind kind{};
  std::string bytes{};
  std::size_t piece_bytes = 0;  // 0: all of it at once
  std::chrono::milliseconds pause{};
  std::size_t count = 1;
};

// What a scripted provider does after a request, step by step: a value, built by chaining. When the steps are
// over the connection is kept for the next request, unless a step ended it. A peer that leaves ends any
// script at once.
class Script {
 public:
  [[nodiscard]] Script send(std::string bytes) const;
  [[nodiscard]] Script send_slowly(std::string bytes, std::size_t piece_bytes,
                                   std::chrono::milliseconds pause) const;
  [[nodiscard]] Script send_repeatedly(std::string bytes,
                                       std::size_t count = 0) const;  // 0: until the peer leaves
  [[nodiscard]] Script pause(std::chrono::milliseconds duration) const;
  [[nodiscard]] Script half_close() const;
  [[nodiscard]] Script close() const;
  [[nodiscard]] Script reset() const;
  [[nodiscard]] Script hang() const;
  [[nodiscard]] Script then(const Script& other) const;

  const std::vector<Step>& steps() const& noexcept { return steps_; }
  const std::vector<Step>& steps() && = delete;

 private:
  Script with(Step step) const;

  std::vector<Step> steps_{};
};

// Bytes to build answers from.

// A status line and fields with the blank line after them. Nothing is added to what is given.
std::string response_head(int status, const Headers& headers);

// One chunk of a chunked body; that of an empty string is the last one.
std::string chunk(std::string_view bytes);

// "data: …" and a blank line.
std::string event(std::string_view data);

// Whole scripts.

// An answer with its Content-Length.
Script answer(int status, Headers headers, std::string body);
Script json_answer(std::string body, int status = 200);

// A chunked text/event-stream, one chunk per event, `pause` after each. `events` holds what stands behind
// "data: "; [DONE] is an event like any other.
Script sse(const std::vector<std::string>& events, std::chrono::milliseconds pause = {});

// The same without the last chunk: what comes next decides how the stream breaks.
Script sse_open(const std::vector<std::string>& events, std::chrono::milliseconds pause = {});

}  // namespace airouterd::demo
