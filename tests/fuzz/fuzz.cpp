#include "fuzz.h"

#include <algorithm>

namespace fuzz {

std::string_view take_line(std::string_view& rest) {
  const std::size_t end = std::min(rest.find('\n'), rest.size());
  const std::string_view line = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return line;
}

std::vector<std::string_view> words_of(std::string_view line) {
  std::vector<std::string_view> words;
  while (!line.empty()) {
    const std::size_t end = std::min(line.find(' '), line.size());
    if (end > 0) words.push_back(line.substr(0, end));
    line.remove_prefix(std::min(end + 1, line.size()));
  }
  return words;
}

std::uint64_t hash_of(std::string_view bytes) noexcept {
  std::uint64_t hash = 0xcbf29ce484222325u;
  for (const char c : bytes)
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  return hash;
}

std::vector<std::string_view> cut(std::string_view bytes, int way) {
  constexpr int whole = 0, single = 1;
  constexpr std::uint64_t longest = 17;
  std::vector<std::string_view> pieces;
  std::uint64_t state = hash_of(bytes) + static_cast<std::uint64_t>(way);
  while (!bytes.empty()) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    const std::size_t random = 1 + (state >> 33) % longest;
    const std::size_t size = way == whole ? bytes.size() : way == single ? 1 : random;
    pieces.push_back(bytes.substr(0, size));
    bytes.remove_prefix(pieces.back().size());
  }
  return pieces;
}

}  // namespace fuzz
