#include "store/log_file.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

#include "base/json.h"

namespace airouterd::store {

LogFile::~LogFile() {
  close();
}

void LogFile::close() {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
  reader_ = nullptr;
}

bool LogFile::fail(std::string_view what) {
  problem_ = fmt::format("{}: {}", what, std::strerror(errno));
  return false;
}

LogFile::Ready LogFile::prepare(Day day) {
  if (fd_ >= 0 && day == day_ && is_still_there() && !(is_torn_ && !mend_tail())) return Ready::as_before;
  close();
  if (open(day)) return Ready::newly;
  close();
  return Ready::failed;
}

// By this name, and of the size that was written: two cheap questions to the system for each batch.
bool LogFile::is_still_there() const {
  struct stat opened {
  }, named{};
  return ::fstat(fd_, &opened) == 0 && ::lstat(path_.c_str(), &named) == 0 && opened.st_dev == named.st_dev &&
         opened.st_ino == named.st_ino && static_cast<std::uint64_t>(opened.st_size) == bytes_;
}

bool LogFile::open(Day day) {
  if (::mkdir(folder_.c_str(), 0700) != 0 && errno != EEXIST) return fail("the log's folder cannot be made");
  path_ = folder_ / LogFileName{day, 0}.text();
  // Not blocking: whatever stands there by this name.
  fd_ = ::open(path_.c_str(), O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
  if (fd_ < 0) return fail("the log's file cannot be written");
  struct stat status {};
  if (::fstat(fd_, &status) != 0 || !S_ISREG(status.st_mode)) {
    errno = EINVAL;
    return fail("the log's file is no file");
  }
  // The earlier program's files are open to all. That it stays so on a disk without modes is no reason to
  // fail.
  if ((status.st_mode & 0077) != 0) static_cast<void>(::fchmod(fd_, 0600));
  day_ = day;
  bytes_ = static_cast<std::uint64_t>(status.st_size);
  reader_ = ReadableFile::open(path_);
  if (!reader_) return fail("the log's file cannot be read");
  return mend_tail();
}

// A last line that is whole gets its line end; else it is cut off.
bool LogFile::mend_tail() {
  is_torn_ = false;
  std::vector<char> buffer;
  const std::uint64_t from = bytes_ > line_bytes_max ? bytes_ - line_bytes_max : 0;
  char last = '\n';
  if (bytes_ == 0 || (::pread(fd_, &last, 1, static_cast<off_t>(bytes_ - 1)) == 1 && last == '\n'))
    return true;
  const std::string_view tail = reader_->read(buffer, from, static_cast<std::size_t>(bytes_ - from));
  const auto end = tail.rfind('\n');
  const std::string_view line = end == std::string_view::npos ? tail : tail.substr(end + 1);
  const bool is_whole = airouter::json::parse(line).value.has_value();
  const bool is_too_long = end == std::string_view::npos && from > 0;
  if (is_whole || is_too_long) {
    if (::write(fd_, "\n", 1) == 1) return ++bytes_, true;
  } else if (::ftruncate(fd_, static_cast<off_t>(bytes_ - line.size())) == 0) {
    bytes_ -= line.size();
    return true;
  }
  is_torn_ = true;
  return fail("the log's last line cannot be mended");
}

std::size_t LogFile::append(std::string_view lines) {
  std::size_t done = 0;
  while (done < lines.size()) {
    const auto count = ::write(fd_, lines.data() + done, lines.size() - done);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) {
      fail("the log cannot be written");
      break;
    }
    done += static_cast<std::size_t>(count);
  }
  const std::size_t whole = done == lines.size() ? done : lines.substr(0, done).rfind('\n') + 1;
  if (whole < done && ::ftruncate(fd_, static_cast<off_t>(bytes_ + whole)) != 0) {
    is_torn_ = true;
    bytes_ += done;
    return whole;
  }
  bytes_ += whole;
  return whole;
}

bool LogFile::put_aside() {
  int part = 0;
  for (const LogFileInfo& file : log_files_in(folder_))
    if (file.name.day == day_) part = std::max(part, file.name.part);
  const auto aside = folder_ / LogFileName{day_, part + 1}.text();
  if (::rename(path_.c_str(), aside.c_str()) != 0) return fail("the log's file cannot be put aside");
  close();
  return true;
}

}  // namespace airouterd::store
