#include "store/log_reader.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace airouterd::store {
namespace {

constexpr std::size_t block_bytes = 256 * 1024;
constexpr std::size_t usual_line_bytes = 4096;

// Whoever reads lines this near to each other will read those between, too.
constexpr std::uint64_t near_bytes = 16 * 1024;

// The last line of a file's part, without its line end; nothing if it begins before.
std::optional<std::string_view> last_line_of(std::string_view part, bool is_first_part) {
  if (part.empty()) return std::nullopt;
  const std::size_t stop = part.ends_with('\n') ? part.size() - 1 : part.size();
  const auto before = stop == 0 ? std::string_view::npos : part.rfind('\n', stop - 1);
  if (before == std::string_view::npos && !is_first_part) return std::nullopt;
  const std::size_t start = before == std::string_view::npos ? 0 : before + 1;
  return part.substr(start, stop - start);
}

}  // namespace

std::shared_ptr<const ReadableFile> ReadableFile::open(const std::filesystem::path& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (fd < 0) return nullptr;
  auto file = std::make_shared<const ReadableFile>(fd);
  struct stat status {};
  return ::fstat(fd, &status) == 0 && S_ISREG(status.st_mode) ? file : nullptr;
}

ReadableFile::~ReadableFile() {
  ::close(fd_);
}

std::uint64_t ReadableFile::bytes() const noexcept {
  struct stat status {};
  return ::fstat(fd_, &status) == 0 ? static_cast<std::uint64_t>(status.st_size) : 0;
}

std::pair<std::uint64_t, std::uint64_t> ReadableFile::identity() const noexcept {
  struct stat status {};
  if (::fstat(fd_, &status) != 0) return {};
  return {status.st_dev, status.st_ino};
}

std::string_view ReadableFile::read(std::vector<char>& buffer, std::uint64_t offset,
                                    std::size_t bytes) const {
  if (buffer.size() < bytes) buffer.resize(bytes);
  std::size_t done = 0;
  while (done < bytes) {
    const auto count = ::pread(fd_, buffer.data() + done, bytes - done, static_cast<off_t>(offset + done));
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) break;
    done += static_cast<std::size_t>(count);
  }
  return {buffer.data(), done};
}

std::uint64_t for_each_line(const ReadableFile& file, std::uint64_t from, std::uint64_t to,
                            const std::function<void(std::string_view line, std::uint64_t offset)>& see) {
  std::vector<char> buffer;
  std::size_t wanted = block_bytes;
  while (from < to) {
    std::string_view block =
        file.read(buffer, from, static_cast<std::size_t>(std::min<std::uint64_t>(wanted, to - from)));
    if (block.empty()) return from;
    const auto last = block.rfind('\n');
    if (last == std::string_view::npos) {
      if (block.size() < wanted) return from;  // a line that is still being written
      if (wanted < line_bytes_max) {
        wanted = line_bytes_max;
      } else {
        from += block.size();  // its end will look like a line that is none
      }
      continue;
    }
    wanted = block_bytes;
    block = block.substr(0, last + 1);
    while (!block.empty()) {
      const auto end = block.find('\n');
      see(block.substr(0, end), from);
      block.remove_prefix(end + 1);
      from += end + 1;
    }
  }
  return from;
}

std::string_view LineWindow::line_at(const std::shared_ptr<const ReadableFile>& file, std::uint64_t offset) {
  if (file_ == file)
    if (const auto line = find(offset)) return *line;
  const bool is_walk = file_ == file && offset < begin_ && begin_ - offset < near_bytes;
  const std::uint64_t from = is_walk && offset + usual_line_bytes > block_bytes
                                 ? offset + usual_line_bytes - block_bytes
                             : is_walk ? 0
                                       : offset;
  load(file, from, static_cast<std::size_t>(offset - from) + usual_line_bytes);
  if (const auto line = find(offset)) return *line;
  load(file, offset, line_bytes_max);
  return find(offset).value_or(std::string_view());
}

std::optional<std::string_view> LineWindow::find(std::uint64_t offset) const {
  if (offset < begin_ || offset - begin_ >= held_.size()) return std::nullopt;
  const std::string_view rest = held_.substr(static_cast<std::size_t>(offset - begin_));
  const auto end = rest.find('\n');
  return end == std::string_view::npos ? std::nullopt : std::optional(rest.substr(0, end));
}

void LineWindow::load(const std::shared_ptr<const ReadableFile>& file, std::uint64_t from,
                      std::size_t bytes) {
  held_ = file->read(buffer_, from, bytes);
  begin_ = from;
  file_ = file;
}

std::optional<std::string_view> BackwardLines::next() {
  std::size_t wanted = block_bytes;
  while (end_ > 0) {
    // Without the line end that the last line stops with.
    const auto held = end_ >= begin_
                          ? held_.substr(0, std::min(held_.size(), static_cast<std::size_t>(end_ - begin_)))
                          : std::string_view();
    if (const auto line = last_line_of(held, begin_ == 0)) {
      end_ = begin_ + static_cast<std::size_t>(line->data() - held.data());
      return line;
    }
    if (held.size() >= wanted) wanted = line_bytes_max;
    if (held.size() >= line_bytes_max) {
      end_ = begin_;  // too long for a record
      held_ = {};
      continue;
    }
    begin_ = end_ > wanted ? end_ - wanted : 0;
    held_ = file_.read(buffer_, begin_, static_cast<std::size_t>(end_ - begin_));
    if (held_.empty()) return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace airouterd::store
