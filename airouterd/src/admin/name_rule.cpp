#include "admin/name_rule.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include <fmt/format.h>

#include "base/text.h"

namespace airouterd::admin {
namespace {

struct Range {
  std::uint32_t first, last;
};

// Controls; marks of direction; characters without a shape; line and paragraph ends. Joiners are parts of
// words and emoji.
constexpr std::array refused{Range{0x00, 0x1F},     Range{0x7F, 0x9F},     Range{0xAD, 0xAD},
                             Range{0x61C, 0x61C},   Range{0x180E, 0x180E}, Range{0x200B, 0x200B},
                             Range{0x200E, 0x200F}, Range{0x2028, 0x202E}, Range{0x2060, 0x206F},
                             Range{0xFEFF, 0xFEFF}, Range{0xFFF9, 0xFFFB}, Range{0xE0000, 0xE007F}};

// The next character of valid UTF-8.
std::uint32_t next_character(std::string_view& text) {
  const auto first = static_cast<unsigned char>(text.front());
  const std::size_t size = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
  std::uint32_t character = size == 1 ? first : first & (0xFFu >> (size + 1));
  for (std::size_t i = 1; i < size; ++i)
    character = character << 6u | (static_cast<unsigned char>(text[i]) & 0x3Fu);
  text.remove_prefix(size);
  return character;
}

}  // namespace

std::optional<Sentence> name_problem(std::string_view name) {
  if (name.size() > name_bytes_max) {
    return Sentence{fmt::format("has {} bytes; at most {} are allowed", name.size(), name_bytes_max),
                    fmt::format("有 {} 字节；最多 {} 字节", name.size(), name_bytes_max)};
  }
  if (airouter::text::trim(name).empty()) return Sentence{"must not be empty", "不能为空"};
  if (!airouter::text::is_valid_utf8(name)) return Sentence{"is not UTF-8", "不是 UTF-8"};
  while (!name.empty()) {
    const std::uint32_t character = next_character(name);
    const bool is_refused = std::any_of(refused.begin(), refused.end(), [&](const Range& range) {
      return character >= range.first && character <= range.last;
    });
    if (is_refused) {
      return Sentence{
          fmt::format("holds U+{:04X}, which is invisible or changes how the line reads", character),
          fmt::format("含有 U+{:04X}，该字符不可见或会改变文字方向", character)};
    }
  }
  return std::nullopt;
}

}  // namespace airouterd::admin
