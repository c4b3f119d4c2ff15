#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

// The words of the log.
namespace airouterd::store {

enum class LogLevel : std::uint8_t { debug, info, warning, error };

enum class LogType : std::uint8_t {
  request,   // a request was accepted; only in memory and in live streams
  response,  // a request ended with an answer
  error,     // a request ended without one
  system,    // something else that matters: health, config, the log itself
};

// How a request ended.
enum class LogResult : std::uint8_t {
  none,       // it goes on, or the record is about no request
  ok,         // the first provider that was asked answered
  rescued,    // another one did
  failed,     // nobody did
  cancelled,  // the client left first, or the server stopped
  refused,    // it was turned away before anybody was asked
};

std::string_view to_string(LogLevel level) noexcept;
std::string_view to_string(LogType type) noexcept;
std::string_view to_string(LogResult result) noexcept;  // "none" for none

// Whether a record tells how a request ended that was accepted.
constexpr bool is_end_of_request(LogType type, LogResult result) noexcept {
  return (type == LogType::response || type == LogType::error) && result != LogResult::none &&
         result != LogResult::refused;
}

// By name, in lower case. Nothing: there is no such word.
std::optional<LogLevel> log_level_of(std::string_view name) noexcept;
std::optional<LogType> log_type_of(std::string_view name) noexcept;
std::optional<LogResult> log_result_of(std::string_view name) noexcept;  // never none

}  // namespace airouterd::store
