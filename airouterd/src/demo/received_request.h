#pragma once

#include <string>
#include <string_view>

#include <airouter/transport.h>

namespace airouterd::demo {

class StoppableSocket;

// A request as it reached a scripted provider.
struct ReceivedRequest {
  std::string head{};  // as it came, blank line included
  std::string method{}, target{};
  airouter::Headers headers{};
  std::string body{};  // unchunked
  int connection = 0;  // it came on the n-th connection, counted from 1

  // The first value of a field, or empty.
  std::string_view header(std::string_view name) const noexcept;
};

// Reads one request, leaving in `buffer` what came after it. False: the peer left, the provider stops, or
// what came cannot be understood or is beyond all reason.
bool read_request(StoppableSocket& socket, std::string& buffer, bool with_body, ReceivedRequest& request);

}  // namespace airouterd::demo
