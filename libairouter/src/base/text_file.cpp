#include "base/text_file.h"

#include <array>
#include <cerrno>
#include <cstdio>
#include <memory>
#include <system_error>

#include <fmt/format.h>

#include "base/limits.h"

namespace airouter {
namespace {

std::string cannot_be_read(const std::error_code& error) {
  return "cannot be read: " + error.message();
}

std::error_code last_error() {
  return {errno, std::generic_category()};
}

std::string too_large(std::size_t bytes_max) {
  if (bytes_max >= limits::mebibyte)
    return fmt::format("is larger than {} MiB", bytes_max / limits::mebibyte);
  return fmt::format("is larger than {} KiB", bytes_max / limits::kibibyte);
}

std::string kind_problem(const std::filesystem::path& path, FileKind kind) {
  std::error_code error;
  const std::filesystem::file_status status = std::filesystem::status(path, error);
  if (status.type() == std::filesystem::file_type::not_found) return "does not exist";
  if (error) return cannot_be_read(error);
  if (std::filesystem::is_directory(status)) return "is a directory";
  if (kind == FileKind::regular && !std::filesystem::is_regular_file(status)) return "is not a regular file";
  return {};
}

}  // namespace

TextFile read_text_file(const std::filesystem::path& path, std::size_t bytes_max, FileKind kind) {
  if (std::string problem = kind_problem(path, kind); !problem.empty())
    return {.problem = std::move(problem)};
  struct Closer {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  const std::unique_ptr<std::FILE, Closer> file(std::fopen(path.c_str(), "rbe"));
  if (file == nullptr) return {.problem = cannot_be_read(last_error())};

  TextFile out;
  std::array<char, 16 * limits::kibibyte> piece{};
  while (const std::size_t count = std::fread(piece.data(), 1, piece.size(), file.get())) {
    out.text.append(piece.data(), count);
    if (out.text.size() > bytes_max) return {.problem = too_large(bytes_max)};
  }
  if (std::ferror(file.get()) != 0) return {.problem = cannot_be_read(last_error())};
  return out;
}

}  // namespace airouter
