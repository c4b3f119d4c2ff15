#pragma once

#include <chrono>
#include <optional>

#include <airouter/transport.h>

namespace airouter::engine {

// How long a provider asks to be left alone: `retry-after-ms`, else `Retry-After` in seconds or as an HTTP
// date in any of RFC 9110's three forms; rounded up, and clamped to 1 s … 1 h. Nothing: it does not say, or
// says rubbish.
std::optional<std::chrono::seconds> retry_after(const Headers& headers,
                                                std::chrono::system_clock::time_point now);

}  // namespace airouter::engine
