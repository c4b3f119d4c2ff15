#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// Reading files of lines while they grow. Nothing is mapped: a file of a gigabyte takes a few hundred KiB.
namespace airouterd::store {

// A longer line is no record, and is passed over.
inline constexpr std::size_t line_bytes_max = std::size_t{1} << 20;

// A file that can be read wherever it is moved to. Thread-safe.
class ReadableFile {
 public:
  static std::shared_ptr<const ReadableFile> open(const std::filesystem::path& path);  // null: it cannot be
  explicit ReadableFile(int fd) noexcept : fd_(fd) {}
  ~ReadableFile();
  ReadableFile(const ReadableFile&) = delete;
  ReadableFile& operator=(const ReadableFile&) = delete;

  std::uint64_t bytes() const noexcept;

  // What tells it from all other files, whatever it is called.
  std::pair<std::uint64_t, std::uint64_t> identity() const noexcept;

  // As many of these bytes as there are.
  std::string_view read(std::vector<char>& buffer, std::uint64_t offset, std::size_t bytes) const;

 private:
  const int fd_;
};

// Every whole line from `from` on up to `to`, and where it begins. Returns where the last one ends.
std::uint64_t for_each_line(const ReadableFile& file, std::uint64_t from, std::uint64_t to,
                            const std::function<void(std::string_view line, std::uint64_t offset)>& see);

// Single lines by where they begin, mostly each before the last one: what lies around is read along. Used by
// one thread.
class LineWindow {
 public:
  // Empty: there is none. Valid until the next call.
  std::string_view line_at(const std::shared_ptr<const ReadableFile>& file, std::uint64_t offset);

 private:
  std::optional<std::string_view> find(std::uint64_t offset) const;
  void load(const std::shared_ptr<const ReadableFile>& file, std::uint64_t from, std::size_t bytes);

  std::shared_ptr<const ReadableFile> file_{};  // kept, so that no other can be in its place
  std::uint64_t begin_ = 0;
  std::vector<char> buffer_{};
  std::string_view held_{};
};

// The lines before an offset, the last one first. Used by one thread; the file must outlive it.
class BackwardLines {
 public:
  BackwardLines(const ReadableFile& file, std::uint64_t end) noexcept : file_(file), end_(end) {}

  // Nothing: the file's beginning is reached. Valid until the next call.
  std::optional<std::string_view> next();

 private:
  const ReadableFile& file_;
  std::uint64_t end_;  // of what has not been given yet
  std::uint64_t begin_ = 0;
  std::vector<char> buffer_{};
  std::string_view held_{};  // from begin_ on
};

}  // namespace airouterd::store
