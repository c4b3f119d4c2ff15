#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "store/log_file.h"
#include "store/log_index.h"
#include "store/log_search.h"
#include "store/statistics_book.h"

namespace airouterd::store {

// The files of the log: written at their end, searched from there, counted when the program starts, removed
// when they are old. Searches and statistics are for any thread, everything else for one.
class LogArchive {
 public:
  struct Options {
    std::filesystem::path folder{};
    std::size_t indexed_max = std::size_t{1} << 20;  // records; 25 MB

    // Beside those of today, older files are read at the start up to this much in all.
    std::uint64_t start_bytes_max = std::uint64_t{768} << 20;
  };

  LogArchive(Options options, StatisticsBook& book)
      : options_(std::move(options)), book_(book), index_(options_.indexed_max), file_(options_.folder) {}

  // Reads what there is: today's records and as many older ones as there is time for. Returns the last id.
  Microseconds read(Day today);

  // A line for the file of its day.
  struct Line {
    Day day = 0;
    std::string_view text{};  // with its line end
    LogIndex::Record record{};
  };
  // Writes lines, those of one day in one piece. Returns how many of them are in the file.
  std::size_t write(std::span<const Line> lines);

  // Whether today's file can be opened; nothing is written.
  bool is_writable(Day today);
  const std::string& problem() const noexcept { return file_.problem(); }

  // Removes what is too old or too much, and puts today's file aside before it alone becomes too much.
  void tidy(Day today, int days_kept, std::uint64_t bytes_max);

  // The newest lines, oldest first, at most `count`.
  std::vector<std::string> newest(std::size_t count);

  // Goes on with a search, from the newest record before `before` on. Returns down to which id it came; 0: to
  // the oldest one.
  Microseconds search(LogSearch& search, Microseconds before) const;

 private:
  LogFile::Ready prepare(Day day);
  std::size_t write_day(std::span<const Line> lines);
  void read_file(const LogFileName& name, Microseconds& last_id);
  Microseconds search_index(LogSearch& search, Microseconds before) const;
  Microseconds search_files(LogSearch& search, Microseconds before) const;

  const Options options_;
  StatisticsBook& book_;

  mutable std::mutex mutex_{};
  LogIndex index_;  // guarded by mutex_

  // Used by the writing thread.
  LogFile file_;
  Day day_ = 0;
  std::shared_ptr<const ReadableFile> written_{};  // the file that the last lines went to
  LineScanner scanner_{};
};

}  // namespace airouterd::store
