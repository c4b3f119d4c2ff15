#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "store/log_file_name.h"
#include "store/log_reader.h"

namespace airouterd::store {

// The file that the log is written to, one per day. Whole lines or nothing: a write that ends within a line
// is taken back, and so is the end of a line that a crash has left. Notices when somebody moves, removes or
// changes the file, and opens or begins it again. Used by one thread.
class LogFile {
 public:
  explicit LogFile(std::filesystem::path folder) : folder_(std::move(folder)) {}
  ~LogFile();
  LogFile(const LogFile&) = delete;
  LogFile& operator=(const LogFile&) = delete;

  enum class Ready {
    as_before,
    newly,  // another file than before, or one that somebody has changed: `reader()` is new, too
    failed,
  };
  // Makes the file of that day ready to be written. To be called before each batch.
  Ready prepare(Day day);

  // Appends lines, each with its line end, that belong to the day prepared for. Returns how many bytes of
  // them are in the file: whole lines, all of them unless something went wrong.
  std::size_t append(std::string_view lines);

  // Puts what is written aside as a part of its day; the next `prepare` begins the file anew. False: it could
  // not, and the file is written on.
  bool put_aside();

  std::uint64_t bytes() const noexcept { return bytes_; }
  const std::shared_ptr<const ReadableFile>& reader() const noexcept { return reader_; }

  // Why the last call failed, in the system's words.
  const std::string& problem() const noexcept { return problem_; }

 private:
  bool open(Day day);
  bool mend_tail();
  bool is_still_there() const;
  void close();
  bool fail(std::string_view what);

  const std::filesystem::path folder_;
  std::filesystem::path path_{};
  int fd_ = -1;
  Day day_ = 0;
  std::uint64_t bytes_ = 0;
  bool is_torn_ = false;  // the file ends within a line, and this could not be mended
  std::shared_ptr<const ReadableFile> reader_{};
  std::string problem_{};
};

}  // namespace airouterd::store
