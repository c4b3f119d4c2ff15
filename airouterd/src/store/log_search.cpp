#include "store/log_search.h"

namespace airouterd::store {

void LogSearch::look_at(std::string_view line) {
  if (is_full() || !matcher_.may_match(line)) return;
  const ScannedLine* found = scanner_.scan(line);
  if (found != nullptr && matcher_.matches(*found)) lines_.emplace_back(found->text);
}

bool LogSearch::is_over() {
  constexpr unsigned looks_between_clocks = 64;
  if (is_full()) return true;
  if (looks_++ % looks_between_clocks == 0) is_out_of_time_ = std::chrono::steady_clock::now() >= deadline_;
  return is_out_of_time_;
}

}  // namespace airouterd::store
