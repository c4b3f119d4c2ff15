#include "store/log_index.h"

#include <algorithm>
#include <functional>

namespace airouterd::store {
namespace {

template <class Number>
Number hash_of(std::string_view name) {
  return static_cast<Number>(std::hash<std::string_view>{}(name));
}

}  // namespace

// A filter, hashed once.
struct LogIndex::Wanted {
  explicit Wanted(const LogFilter& wanted)
      : filter(wanted),
        model(hash_of<std::uint32_t>(wanted.model)),
        provider(hash_of<std::uint16_t>(wanted.provider)),
        key(hash_of<std::uint16_t>(wanted.key_id)) {}

  const LogFilter& filter;
  const std::uint32_t model;
  const std::uint16_t provider, key;
};

void LogIndex::begin_file(std::shared_ptr<const ReadableFile> file) {
  files_.push_back({std::move(file), {}});
}

LogIndex::Record LogIndex::record_of(const ScannedLine& line) noexcept {
  Record record;
  record.id = line.id;
  record.status = static_cast<std::uint64_t>(line.status) & 0x3ff;
  record.level = static_cast<std::uint64_t>(line.level) & 3;
  record.type = static_cast<std::uint64_t>(line.type) & 3;
  record.result = static_cast<std::uint64_t>(line.result) & 7;
  record.model = hash_of<std::uint32_t>(line.model);
  record.provider = hash_of<std::uint16_t>(line.provider);
  record.key = hash_of<std::uint16_t>(line.key_id);
  return record;
}

void LogIndex::add(Record record, std::uint64_t offset) {
  record.offset = offset & ((std::uint64_t{1} << 40) - 1);
  files_.back().records.push_back(record);
  for (++records_; records_ > records_max_; --records_) {
    while (files_.front().records.empty())
      files_.pop_front();
    files_.front().records.pop_front();
  }
}

void LogIndex::forget(const ReadableFile& file) {
  const auto identity = file.identity();
  std::erase_if(files_, [&](const File& one) {
    if (one.file->identity() != identity) return false;
    records_ -= one.records.size();
    return true;
  });
}

bool LogIndex::may_match(const Record& record, const Wanted& wanted) noexcept {
  const LogFilter& filter = wanted.filter;
  const auto type = static_cast<LogType>(record.type);
  const auto result = static_cast<LogResult>(record.result);
  const int status = static_cast<int>(record.status);
  if (filter.level && static_cast<LogLevel>(record.level) != *filter.level) return false;
  if (filter.type && type != *filter.type) return false;
  if (filter.result && result != *filter.result) return false;
  if (status < filter.status_min || status > filter.status_max) return false;
  if (filter.is_end && !is_end_of_request(type, result)) return false;
  return (filter.model.empty() || record.model == wanted.model) &&
         (filter.provider.empty() || record.provider == wanted.provider) &&
         (filter.key_id.empty() || record.key == wanted.key);
}

std::vector<LogIndex::Place> LogIndex::find(const LogFilter& filter, Microseconds& before, std::size_t count,
                                            std::size_t looks_max) const {
  const Wanted wanted(filter);
  std::vector<Place> found;
  for (auto file = files_.rbegin(); file != files_.rend(); ++file) {
    const auto end = std::lower_bound(file->records.begin(), file->records.end(), before,
                                      [](const Record& record, Microseconds id) { return record.id < id; });
    for (auto record = std::make_reverse_iterator(end); record != file->records.rend(); ++record) {
      if (found.size() == count || looks_max-- == 0) return found;
      before = record->id;
      if (may_match(*record, wanted)) found.push_back({file->file, record->offset, record->id});
    }
  }
  before = 0;
  return found;
}

std::optional<std::uint64_t> LogIndex::known_from(const ReadableFile& file) const {
  for (const File& one : files_)
    if (!one.records.empty() && one.file->identity() == file.identity()) return one.records.front().offset;
  return std::nullopt;
}

}  // namespace airouterd::store
