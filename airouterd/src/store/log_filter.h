#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>

#include "store/local_time.h"
#include "store/log_scanner.h"
#include "store/log_words.h"
#include "store/text_finder.h"

namespace airouterd::store {

// Which records are asked for. Unset and empty: any.
struct LogFilter {
  std::optional<LogLevel> level{};
  std::optional<LogType> type{};
  std::optional<LogResult> result{};
  int status_min = 0, status_max = 999;
  std::string model{}, provider{}, key_id{}, request_id{};
  std::string text{};   // somewhere in what a record says, ASCII letters in any case
  bool is_end = false;  // only of requests that were accepted and have ended
  Microseconds before = std::numeric_limits<Microseconds>::max();
  std::size_t limit = 100;
};

// Tells whether records match. Used by one thread; the filter must outlive it.
class LogMatcher {
 public:
  explicit LogMatcher(const LogFilter& filter);

  // Quickly, by the line's bytes: false if it cannot match.
  bool may_match(std::string_view line) const noexcept;
  bool matches(const ScannedLine& line) const;

 private:
  const LogFilter& filter_;
  const TextFinder text_, piece_, request_id_;
};

}  // namespace airouterd::store
