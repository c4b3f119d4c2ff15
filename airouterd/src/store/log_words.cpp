#include "store/log_words.h"

#include <array>

namespace airouterd::store {
namespace {

// In the order of the enumerators.
constexpr std::array<std::string_view, 4> levels{"debug", "info", "warning", "error"};
constexpr std::array<std::string_view, 4> types{"request", "response", "error", "system"};
constexpr std::array<std::string_view, 6> results{"none", "ok", "rescued", "failed", "cancelled", "refused"};

template <class Word, std::size_t count>
std::optional<Word> word_of(const std::array<std::string_view, count>& names,
                            std::string_view name) noexcept {
  for (std::size_t i = 0; i < count; ++i)
    if (names[i] == name) return static_cast<Word>(i);
  return std::nullopt;
}

}  // namespace

std::string_view to_string(LogLevel level) noexcept {
  return levels[static_cast<std::size_t>(level)];
}
std::string_view to_string(LogType type) noexcept {
  return types[static_cast<std::size_t>(type)];
}
std::string_view to_string(LogResult result) noexcept {
  return results[static_cast<std::size_t>(result)];
}

std::optional<LogLevel> log_level_of(std::string_view name) noexcept {
  return word_of<LogLevel>(levels, name);
}
std::optional<LogType> log_type_of(std::string_view name) noexcept {
  return word_of<LogType>(types, name);
}
std::optional<LogResult> log_result_of(std::string_view name) noexcept {
  const auto result = word_of<LogResult>(results, name);
  return result == LogResult::none ? std::nullopt : result;
}

}  // namespace airouterd::store
