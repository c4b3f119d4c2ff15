#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace bench {

// What a request asks the provider for. The model's name says it: "stream-50x250" streams 250 events, 50 a
// second, if the request has "stream":true; everything else gets a plain answer.
struct Wish {
  std::string model{};
  bool is_stream = false;
  std::int64_t interval_ns = 0;
  int events = 0;
};

Wish wish_of(std::string_view body);

// A whole answer with a completion of about 1 KiB.
std::string plain_answer(std::string_view model);

// The parts of a streamed answer, framed as chunks. Each event tells its number and the time it is sent at,
// so that the reader sees what was lost and what came late.
std::string stream_head();
std::string stream_event(std::string_view model, int number, std::int64_t sent_at_ns);
std::string stream_end(std::string_view model);

}  // namespace bench
