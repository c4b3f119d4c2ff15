#pragma once

#include <filesystem>
#include <map>
#include <mutex>
#include <optional>

#include "store/day_statistics.h"
#include "store/local_time.h"

namespace airouterd::store {

// The statistics of each day. Days of which nothing was counted yet are counted from their files when they
// are first asked for. Thread-safe.
class StatisticsBook {
 public:
  // Empty: there are no files.
  explicit StatisticsBook(std::filesystem::path folder) : folder_(std::move(folder)) {}

  // Nothing is ever read from files for a day that something was added to.
  void add(Day day, const ScannedLine& line);

  void add_refused(Day day);

  // As if something had been added: its files are being read.
  void begin(Day day);

  // May read a file of a gigabyte the first time a day is asked for.
  DayStatistics of(Day day);

  // Forgets older days.
  void forget_before(Day day);

 private:
  std::optional<DayStatistics> read(Day day) const;  // nothing: there is no file of it

  const std::filesystem::path folder_;
  std::mutex reading_{};  // one reader of files at a time

  std::mutex mutex_{};
  std::map<Day, DayStatistics> days_{};  // guarded by mutex_
};

}  // namespace airouterd::store
