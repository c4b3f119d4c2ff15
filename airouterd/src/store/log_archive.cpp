#include "store/log_archive.h"

#include <algorithm>

namespace airouterd::store {
namespace {

// A day's file is put aside when it has this share of what all may take.
constexpr std::uint64_t share_of_a_part = 2;

// How many records the index is asked for at a time: it is locked meanwhile.
constexpr std::size_t places_at_a_time = 512, looks_at_a_time = 262'144;

// Ids beyond are no times.
constexpr Microseconds year_9999 = 253'370'764'800'000'000;

}  // namespace

Microseconds LogArchive::read(Day today) {
  std::vector<LogFileInfo> files = log_files_in(options_.folder);
  std::uint64_t bytes = 0;
  const auto first = std::find_if(files.rbegin(), files.rend(), [&](const LogFileInfo& file) {
    bytes += file.bytes;
    return file.name.day < today && bytes > options_.start_bytes_max;
  });
  // Part of a day would be miscounted as the whole of it.
  const Day last_left_out = first == files.rend() ? 0 : first->name.day;
  Microseconds last_id = 0;
  for (const LogFileInfo& file : files)
    if (file.name.day > last_left_out && file.name != LogFileName{today, 0}) read_file(file.name, last_id);
  // The file is made, and its end mended, before it is read.
  if (is_writable(today)) {
    book_.begin(today);
    const std::scoped_lock lock(mutex_);
    for_each_line(*written_, 0, file_.bytes(), [&](std::string_view text, std::uint64_t offset) {
      const ScannedLine* line = scanner_.scan(text);
      if (line == nullptr) return;
      index_.add(LogIndex::record_of(*line), offset);
      book_.add(today, *line);
      last_id = std::max(last_id, line->id);
    });
  }
  return last_id;
}

void LogArchive::read_file(const LogFileName& name, Microseconds& last_id) {
  const auto file = ReadableFile::open(options_.folder / name.text());
  if (!file) return;
  const std::scoped_lock lock(mutex_);
  index_.begin_file(file);
  for_each_line(*file, 0, file->bytes(), [&](std::string_view text, std::uint64_t offset) {
    const ScannedLine* line = scanner_.scan(text);
    if (line == nullptr) return;
    index_.add(LogIndex::record_of(*line), offset);
    book_.add(name.day, *line);
    last_id = std::max(last_id, line->id);
  });
}

LogFile::Ready LogArchive::prepare(Day day) {
  const LogFile::Ready ready = file_.prepare(day);
  if (ready != LogFile::Ready::newly) return ready;
  const std::scoped_lock lock(mutex_);
  // Yesterday's file stays what it is. Today's is gone, or is not what it was.
  if (written_ && day_ == day) index_.forget(*written_);
  written_ = file_.reader();
  day_ = day;
  index_.begin_file(written_);
  return ready;
}

bool LogArchive::is_writable(Day today) {
  return prepare(today) != LogFile::Ready::failed;
}

std::size_t LogArchive::write(std::span<const Line> lines) {
  std::size_t written = 0;
  while (!lines.empty()) {
    const auto end = std::find_if(lines.begin(), lines.end(),
                                  [&](const Line& line) { return line.day != lines.front().day; });
    const auto count = static_cast<std::size_t>(end - lines.begin());
    written += write_day(lines.first(count));
    lines = lines.subspan(count);
  }
  return written;
}

std::size_t LogArchive::write_day(std::span<const Line> lines) {
  if (prepare(lines.front().day) == LogFile::Ready::failed) return 0;
  std::string text;
  for (const Line& line : lines)
    text += line.text;
  const std::uint64_t offset = file_.bytes();
  const std::size_t bytes = file_.append(text);
  std::size_t written = 0, end = 0;
  const std::scoped_lock lock(mutex_);
  for (const Line& line : lines) {
    const std::size_t begin = end;
    if ((end += line.text.size()) > bytes) break;
    if (line.record.id > 0) index_.add(line.record, offset + begin);
    ++written;
  }
  return written;
}

void LogArchive::tidy(Day today, int days_kept, std::uint64_t bytes_max) {
  const bool is_large = written_ && day_ == today && file_.bytes() >= bytes_max / share_of_a_part;
  if (is_large && file_.put_aside()) written_ = nullptr;  // what is indexed of it stays
  for (const LogFileName& name :
       log_files_to_remove(log_files_in(options_.folder), today, std::max(days_kept, 1), bytes_max)) {
    const auto path = options_.folder / name.text();
    const auto file = ReadableFile::open(path);
    std::error_code error;
    std::filesystem::remove(path, error);
    const std::scoped_lock lock(mutex_);
    if (file && !error) index_.forget(*file);
  }
}

std::vector<std::string> LogArchive::newest(std::size_t count) {
  LogFilter filter;
  filter.limit = count;
  LogSearch search(filter, std::chrono::steady_clock::time_point::max());
  search_index(search, filter.before);
  std::vector<std::string> lines = search.take();
  std::reverse(lines.begin(), lines.end());
  return lines;
}

Microseconds LogArchive::search(LogSearch& search, Microseconds before) const {
  const Microseconds stopped = search_index(search, before);
  if (stopped > 0) return stopped;
  return search_files(search, before);
}

Microseconds LogArchive::search_index(LogSearch& search, Microseconds before) const {
  LineWindow window;
  while (before > 0 && !search.is_over()) {
    std::vector<LogIndex::Place> places;
    Microseconds next = before;
    {
      const std::scoped_lock lock(mutex_);
      places = index_.find(search.filter(), next, places_at_a_time, looks_at_a_time);
    }
    for (const LogIndex::Place& place : places) {
      if (search.is_over()) return place.id + 1;
      search.look_at(window.line_at(place.file, place.offset));
    }
    before = next;
  }
  return before;
}

// What is not in the index, file by file. Their days tell which of them may hold what is asked for.
Microseconds LogArchive::search_files(LogSearch& search, Microseconds before) const {
  LocalClock clock;
  LineScanner scanner;
  const Day newest_day = before < year_9999 ? clock.at(before).day : 99'991'231;
  std::vector<LogFileInfo> files = log_files_in(options_.folder);
  for (auto info = files.rbegin(); info != files.rend(); ++info) {
    if (info->name.day > newest_day) continue;
    const auto file = ReadableFile::open(options_.folder / info->name.text());
    if (!file) continue;
    std::uint64_t end = file->bytes();
    {
      const std::scoped_lock lock(mutex_);
      end = index_.known_from(*file).value_or(end);
    }
    BackwardLines lines(*file, end);
    while (const auto line = lines.next()) {
      if (search.is_over()) {
        const ScannedLine* here = scanner.scan(*line);
        return here == nullptr ? before : here->id + 1;
      }
      search.look_at(*line);
    }
  }
  return 0;
}

}  // namespace airouterd::store
