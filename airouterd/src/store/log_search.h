#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "store/log_filter.h"
#include "store/log_scanner.h"

namespace airouterd::store {

// What a search has found so far, and for how long it may go on. Used by one thread; the filter must outlive
// it.
class LogSearch {
 public:
  LogSearch(const LogFilter& filter, std::chrono::steady_clock::time_point deadline)
      : filter_(filter), matcher_(filter), deadline_(deadline) {}

  // Looks at a line; it is taken if it matches.
  void look_at(std::string_view line);

  bool is_full() const noexcept { return lines_.size() >= filter_.limit; }

  // Whether to stop: enough was found, or it takes too long.
  bool is_over();
  bool is_out_of_time() const noexcept { return is_out_of_time_; }

  const LogFilter& filter() const noexcept { return filter_; }
  std::size_t missing() const noexcept { return filter_.limit - lines_.size(); }
  std::vector<std::string> take() { return std::move(lines_); }

 private:
  const LogFilter& filter_;
  const LogMatcher matcher_;
  const std::chrono::steady_clock::time_point deadline_;
  LineScanner scanner_{};
  std::vector<std::string> lines_{};
  unsigned looks_ = 0;
  bool is_out_of_time_ = false;
};

}  // namespace airouterd::store
