#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace airouter::engine {

// An HTTP date in any of the three forms of RFC 9110, 5.6.7. `now` decides the century of a two-digit year:
// never more than 50 years ahead. Nothing: it is none, or no real day.
std::optional<std::chrono::sys_seconds> parse_http_date(std::string_view text,
                                                        std::chrono::system_clock::time_point now);

}  // namespace airouter::engine
