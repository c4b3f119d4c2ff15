#include "store/statistics_book.h"

#include "store/log_file_name.h"
#include "store/log_reader.h"

namespace airouterd::store {

void StatisticsBook::add(Day day, const ScannedLine& line) {
  const std::scoped_lock lock(mutex_);
  days_[day].add(line);
}

void StatisticsBook::add_refused(Day day) {
  const std::scoped_lock lock(mutex_);
  days_[day].add_refused();
}

void StatisticsBook::begin(Day day) {
  const std::scoped_lock lock(mutex_);
  days_[day];
}

DayStatistics StatisticsBook::of(Day day) {
  const std::scoped_lock reading(reading_);
  {
    const std::scoped_lock lock(mutex_);
    if (const auto found = days_.find(day); found != days_.end()) return found->second;
  }
  auto statistics = read(day);
  const std::scoped_lock lock(mutex_);
  // A day that begins meanwhile has been counted as it happened.
  if (statistics) days_.try_emplace(day, *std::move(statistics));
  const auto found = days_.find(day);
  return found == days_.end() ? DayStatistics{} : found->second;
}

void StatisticsBook::forget_before(Day day) {
  const std::scoped_lock lock(mutex_);
  days_.erase(days_.begin(), days_.lower_bound(day));
}

std::optional<DayStatistics> StatisticsBook::read(Day day) const {
  std::optional<DayStatistics> statistics;
  if (folder_.empty()) return statistics;
  LineScanner scanner;
  for (const LogFileInfo& info : log_files_in(folder_)) {
    if (info.name.day != day) continue;
    const auto file = ReadableFile::open(folder_ / info.name.text());
    if (!file) continue;
    if (!statistics) statistics.emplace();
    for_each_line(*file, 0, file->bytes(), [&](std::string_view text, std::uint64_t) {
      if (const ScannedLine* line = scanner.scan(text); line != nullptr) statistics->add(*line);
    });
  }
  return statistics;
}

}  // namespace airouterd::store
