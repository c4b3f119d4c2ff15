#pragma once

#include <cstddef>
#include <filesystem>
#include <string>

namespace airouter {

enum class FileKind {
  any,      // pipes too, as of a shell's <(...)
  regular,  // nothing that could block
};

struct TextFile {
  std::string text{};
  std::string problem{};  // "does not exist": to be put after the file's name; empty if the text was read
};

// The whole file, unless it is larger than `bytes_max`. Thread-safe.
TextFile read_text_file(const std::filesystem::path& path, std::size_t bytes_max, FileKind kind);

}  // namespace airouter
