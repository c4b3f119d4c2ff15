#include "store/log_file_name.h"

#include <algorithm>
#include <charconv>
#include <sys/stat.h>

#include <fmt/format.h>

namespace airouterd::store {
namespace {

constexpr std::string_view prefix = "requests_", suffix = ".jsonl";
constexpr std::size_t day_bytes = 10;

}  // namespace

std::string LogFileName::text() const {
  return part == 0 ? fmt::format("{}{}{}", prefix, to_text(day), suffix)
                   : fmt::format("{}{}.{}{}", prefix, to_text(day), part, suffix);
}

std::optional<LogFileName> LogFileName::parse(std::string_view text) {
  if (!text.starts_with(prefix) || !text.ends_with(suffix)) return std::nullopt;
  LogFileName name;
  std::string_view rest = text.substr(prefix.size());
  const auto day = day_of(rest.substr(0, day_bytes));
  if (!day) return std::nullopt;
  name.day = *day;
  rest.remove_prefix(day_bytes);
  if (rest.size() > suffix.size())
    std::from_chars(rest.data() + 1, rest.data() + rest.size() - suffix.size(), name.part);
  return name.part >= 0 && name.text() == text ? std::optional(name) : std::nullopt;
}

std::strong_ordering LogFileName::operator<=>(const LogFileName& other) const noexcept {
  if (day != other.day) return day <=> other.day;
  if (part == other.part) return std::strong_ordering::equal;
  if (part == 0) return std::strong_ordering::greater;
  return other.part == 0 ? std::strong_ordering::less : part <=> other.part;
}

std::vector<LogFileInfo> log_files_in(const std::filesystem::path& folder) {
  std::vector<LogFileInfo> files;
  std::error_code error;
  for (std::filesystem::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    const auto name = LogFileName::parse(entry->path().filename().string());
    struct stat status {};
    if (name && ::lstat(entry->path().c_str(), &status) == 0 && S_ISREG(status.st_mode))
      files.push_back({*name, static_cast<std::uint64_t>(status.st_size)});
  }
  std::sort(files.begin(), files.end(),
            [](const LogFileInfo& a, const LogFileInfo& b) { return a.name < b.name; });
  return files;
}

std::vector<LogFileName> log_files_to_remove(const std::vector<LogFileInfo>& files, Day today, int days_kept,
                                             std::uint64_t bytes_max) {
  std::vector<LogFileName> removed;
  std::uint64_t bytes = 0;
  for (const LogFileInfo& file : files)
    bytes += file.bytes;
  const Day oldest_kept = days_before(today, days_kept - 1);
  for (const LogFileInfo& file : files) {
    if (file.name == LogFileName{today, 0}) continue;
    if (file.name.day >= oldest_kept && bytes <= bytes_max) continue;
    removed.push_back(file.name);
    bytes -= file.bytes;
  }
  return removed;
}

}  // namespace airouterd::store
