#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "store/local_time.h"
#include "store/log_words.h"

namespace airouterd::store {

// What counting and searching need of a line.
struct ScannedLine {
  std::string_view text{};      // the line, with its members as append_line has them
  std::size_t shown_bytes = 0;  // of `text`, up to what the log's readers are shown; a brace is missing
  Microseconds id = 0;
  int hour = 0;  // local, 0 … 23
  LogLevel level{};
  LogType type{};
  LogResult result{};
  int status = 0;
  std::int64_t count = 1;                                        // how many requests it stands for
  std::string_view model{}, provider{}, key_id{}, request_id{};  // decoded; empty: null
  std::optional<std::int64_t> input_tokens{}, output_tokens{};
  std::optional<std::int64_t> first_output_ms{};

  struct Attempt {
    std::string_view provider{};
    bool is_ok = false, is_failed = false;  // neither: it says nothing about the provider
  };
  std::vector<Attempt> attempts{};
};

// Reads lines of the log, also those of the earlier Python program and those that somebody has edited. A line
// as append_line writes it is read without being parsed. Used by one thread.
class LineScanner {
 public:
  // Null: it is no record. The result, and what it borrows, stay until the next call or the end of `line`.
  const ScannedLine* scan(std::string_view line);

 private:
  bool scan_own(std::string_view line);
  bool rewrite(std::string_view line);

  ScannedLine found_{};
  std::deque<std::string> decoded_{};  // of strings with escapes
  std::string rewritten_{};
  LocalClock clock_{};
};

}  // namespace airouterd::store
