#include "store/text_finder.h"

#include <cstdint>
#include <cstring>

#include "base/text.h"

namespace airouterd::store {
namespace {

using Byte = unsigned char;

// Where both cases of a letter look alike. Other bytes may look like one, too: `is_at` tells.
constexpr Byte case_bit = 0x20;

}  // namespace

TextFinder::TextFinder(std::string_view text) : lower_(airouter::text::lower(text)) {}

bool TextFinder::is_at(const char* place) const noexcept {
  for (std::size_t i = 0; i < lower_.size(); ++i)
    if (airouter::text::lower(place[i]) != lower_[i]) return false;
  return true;
}

// Blocks of bytes are asked at once whether the text's first and last byte stand anywhere at its distance:
// simple enough for the compiler to do it in vectors.
bool TextFinder::is_in(std::string_view haystack) const noexcept {
  if (lower_.empty()) return true;
  if (haystack.size() < lower_.size()) return false;
  const Byte first = static_cast<Byte>(lower_.front()) | case_bit;
  const Byte last = static_cast<Byte>(lower_.back()) | case_bit;
  const std::size_t distance = lower_.size() - 1, places = haystack.size() - distance;
  constexpr std::size_t block = 64;
  std::size_t at = 0;
  for (; at + block <= places; at += block) {
    const char *const begin = haystack.data() + at, *const end = begin + distance;
    Byte found = 0;
    for (std::size_t i = 0; i < block; ++i)
      found =
          static_cast<Byte>(found | static_cast<Byte>(((static_cast<Byte>(begin[i]) | case_bit) == first) &
                                                      ((static_cast<Byte>(end[i]) | case_bit) == last)));
    if (found == 0) continue;
    for (std::size_t i = 0; i < block; ++i)
      if ((static_cast<Byte>(begin[i]) | case_bit) == first && is_at(begin + i)) return true;
  }
  for (; at < places; ++at)
    if ((static_cast<Byte>(haystack[at]) | case_bit) == first && is_at(haystack.data() + at)) return true;
  return false;
}

}  // namespace airouterd::store
