#pragma once

#include <cstdint>
#include <deque>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "store/log_filter.h"
#include "store/log_reader.h"
#include "store/log_scanner.h"

namespace airouterd::store {

// Where the newest records stand, and enough of each to pass over most that nobody asks for: 24 bytes a
// record. Names are hashed: who finds one reads its line and looks. Not thread-safe.
class LogIndex {
 public:
  // What it keeps of a line, but for where this stands.
  struct Record {
    Microseconds id = 0;  // 0: it is none
    std::uint64_t offset : 40 = 0;
    std::uint64_t status : 10 = 0;
    std::uint64_t level : 2 = 0;
    std::uint64_t type : 2 = 0;
    std::uint64_t result : 3 = 0;
    std::uint32_t model = 0;
    std::uint16_t provider = 0, key = 0;
  };
  static_assert(sizeof(Record) == 24);
  static Record record_of(const ScannedLine& line) noexcept;

  explicit LogIndex(std::size_t records_max) noexcept : records_max_(records_max) {}

  // Begins a file, newer than those before. What is added then stands in it.
  void begin_file(std::shared_ptr<const ReadableFile> file);
  void add(Record record, std::uint64_t offset);

  // Forgets a file: it is gone, or somebody has changed it.
  void forget(const ReadableFile& file);

  struct Place {
    std::shared_ptr<const ReadableFile> file{};
    std::uint64_t offset = 0;
    Microseconds id = 0;
  };

  // The newest records before `before` that may match, newest first, at most `count`. Looks at no more than
  // `looks_max` records; where the search stopped is put into `before`, 0: at the oldest one.
  std::vector<Place> find(const LogFilter& filter, Microseconds& before, std::size_t count,
                          std::size_t looks_max = std::numeric_limits<std::size_t>::max()) const;

  // From where on it knows the records of this file; nothing: it knows none.
  std::optional<std::uint64_t> known_from(const ReadableFile& file) const;
  std::size_t records() const noexcept { return records_; }

 private:
  struct File {
    std::shared_ptr<const ReadableFile> file{};
    std::deque<Record> records{};
  };
  struct Wanted;
  static bool may_match(const Record& record, const Wanted& wanted) noexcept;

  const std::size_t records_max_;
  std::deque<File> files_{};
  std::size_t records_ = 0;
};

}  // namespace airouterd::store
