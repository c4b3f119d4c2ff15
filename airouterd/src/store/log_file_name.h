#pragma once

#include <compare>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "store/local_time.h"

namespace airouterd::store {

// A file of the log: requests_2026-12-31.jsonl is what is written on that day. Where a day's records grow too
// large, they are put aside as requests_2026-12-31.1.jsonl, .2 and so on, to be removed one by one.
struct LogFileName {
  Day day = 0;
  int part = 0;  // 0: not put aside

  std::string text() const;
  static std::optional<LogFileName> parse(std::string_view text);

  // By age: what is not put aside is the newest of its day.
  std::strong_ordering operator<=>(const LogFileName& other) const noexcept;
  bool operator==(const LogFileName& other) const noexcept = default;
};

struct LogFileInfo {
  LogFileName name{};
  std::uint64_t bytes = 0;
};

// All regular files of the log in a folder, the oldest first. Empty if it cannot be read.
std::vector<LogFileInfo> log_files_in(const std::filesystem::path& folder);

// Which of these files are to go, so that those of the last `days_kept` days remain, `today` included, and
// `bytes_max` in all. The file that is being written always stays.
std::vector<LogFileName> log_files_to_remove(const std::vector<LogFileInfo>& files, Day today, int days_kept,
                                             std::uint64_t bytes_max);

}  // namespace airouterd::store
