#include "base/text.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <vector>

#include <fmt/format.h>

namespace airouter::text {
namespace {

// Asked of every byte of every header field's name.
constexpr auto token_chars = [] {
  std::array<bool, 256> is_token{};
  for (const char c :
       std::string_view("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ!#$%&'*+-.^_`|~"))
    is_token[static_cast<unsigned char>(c)] = true;
  return is_token;
}();

constexpr std::string_view replacement_character = "\xEF\xBF\xBD";

bool is_continuation(unsigned c) {
  return (c & 0xC0u) == 0x80u;
}

// The length of the valid UTF-8 sequence that `s` begins with (RFC 3629), or 0.
std::size_t sequence_length(std::string_view s) {
  const auto byte = [&](std::size_t i) -> unsigned {
    return i < s.size() ? static_cast<unsigned char>(s[i]) : 0;
  };
  const unsigned first = byte(0);
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) return is_continuation(byte(1)) ? 2 : 0;
  if (first >= 0xE0 && first <= 0xEF) {
    const unsigned second = byte(1);
    const bool overlong = first == 0xE0 && second < 0xA0;
    const bool surrogate = first == 0xED && second > 0x9F;
    return is_continuation(second) && is_continuation(byte(2)) && !overlong && !surrogate ? 3 : 0;
  }
  if (first >= 0xF0 && first <= 0xF4) {
    const unsigned second = byte(1);
    const bool out_of_range = (first == 0xF0 && second < 0x90) || (first == 0xF4 && second > 0x8F);
    return is_continuation(second) && is_continuation(byte(2)) && is_continuation(byte(3)) && !out_of_range
               ? 4
               : 0;
  }
  return 0;
}

// The bytes at the start of `s`, in words of eight, that are all ASCII: the most of any text, and quick to
// pass.
std::size_t ascii_words(std::string_view s) {
  constexpr std::uint64_t high_bits = 0x8080808080808080u;
  std::size_t passed = 0;
  for (std::uint64_t word = 0; passed + sizeof word <= s.size(); passed += sizeof word) {
    std::memcpy(&word, s.data() + passed, sizeof word);
    if ((word & high_bits) != 0) break;
  }
  return passed;
}

// Levenshtein distance, one row at a time.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j < row.size(); ++j)
    row[j] = j;
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t substitution = diagonal + (lower(a[i]) == lower(b[j]) ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({substitution, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row[b.size()];
}

}  // namespace

char lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

std::string lower(std::string_view s) {
  std::string out(s);
  for (char& c : out)
    c = lower(c);
  return out;
}

bool equals_ignoring_case(std::string_view a, std::string_view b) noexcept {
  return a.size() == b.size() && starts_with_ignoring_case(a, b);
}

bool starts_with_ignoring_case(std::string_view s, std::string_view prefix) noexcept {
  if (s.size() < prefix.size()) return false;
  for (std::size_t i = 0; i < prefix.size(); ++i)
    if (lower(s[i]) != lower(prefix[i])) return false;
  return true;
}

bool contains_ignoring_case(std::string_view s, std::string_view needle) noexcept {
  for (std::size_t i = 0; i + needle.size() <= s.size(); ++i)
    if (starts_with_ignoring_case(s.substr(i), needle)) return true;
  return false;
}

bool is_token_char(char c) noexcept {
  return token_chars[static_cast<unsigned char>(c)];
}

bool is_token(std::string_view s) noexcept {
  return !s.empty() && std::all_of(s.begin(), s.end(), is_token_char);
}

std::string_view trim(std::string_view s) noexcept {
  constexpr std::string_view blanks = " \t\r\n";
  const std::size_t begin = s.find_first_not_of(blanks);
  if (begin == std::string_view::npos) return {};
  return s.substr(begin, s.find_last_not_of(blanks) - begin + 1);
}

bool matches_wildcard(std::string_view pattern, std::string_view s) noexcept {
  std::size_t p = 0, i = 0, star = std::string_view::npos, resume = 0;
  while (i < s.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = i;
    } else if (p < pattern.size() && pattern[p] == s[i]) {
      ++p;
      ++i;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      i = ++resume;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*')
    ++p;
  return p == pattern.size();
}

bool is_valid_utf8(std::string_view s) noexcept {
  while (!s.empty()) {
    s.remove_prefix(ascii_words(s));
    if (s.empty()) return true;
    const std::size_t length = sequence_length(s);
    if (length == 0) return false;
    s.remove_prefix(length);
  }
  return true;
}

std::string valid_utf8(std::string_view s) {
  std::string out;
  out.reserve(s.size());
  while (!s.empty()) {
    const std::size_t length = sequence_length(s);
    out += length == 0 ? replacement_character : s.substr(0, length);
    s.remove_prefix(length == 0 ? 1 : length);
  }
  return out;
}

std::string printable(std::string_view s) {
  std::string out = valid_utf8(s);
  for (char& c : out)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = ' ';
  return out;
}

std::string shortened(std::string_view s, std::size_t bytes_max) {
  if (s.size() <= bytes_max) return std::string(s);
  constexpr std::string_view ellipsis = "…";
  std::size_t end = bytes_max > ellipsis.size() ? bytes_max - ellipsis.size() : 0;
  while (end > 0 && is_continuation(static_cast<unsigned char>(s[end])))
    --end;
  return std::string(s.substr(0, end)) + std::string(ellipsis);
}

std::string replaced(std::string_view s, std::string_view from, std::string_view to) {
  std::string out;
  if (!from.empty()) {
    for (std::size_t at = s.find(from); at != std::string_view::npos; at = s.find(from)) {
      out += s.substr(0, at);
      out += to;
      s.remove_prefix(at + from.size());
    }
  }
  return out += s;
}

std::string_view nearest(std::string_view s, std::span<const std::string_view> names) {
  std::string_view best;
  std::size_t best_distance = std::max<std::size_t>(s.size() / 3, 1) + 1;
  for (const std::string_view name : names) {
    const std::size_t distance = edit_distance(s, name);
    if (distance < best_distance) {
      best = name;
      best_distance = distance;
    }
  }
  return best;
}

std::string percent_decoded(std::string_view s) {
  const auto digit = [](char c) {
    if (c >= '0' && c <= '9') return c - '0';
    const char letter = lower(c);
    return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
  };
  std::string out;
  for (std::size_t i = 0; i < s.size(); ++i) {
    const int high = s[i] == '%' && i + 2 < s.size() ? digit(s[i + 1]) : -1;
    const int low = high >= 0 ? digit(s[i + 2]) : -1;
    if (low >= 0) {
      out += static_cast<char>(high * 16 + low);
      i += 2;
    } else {
      out += s[i];
    }
  }
  return out;
}

Position position_of(std::string_view s, std::size_t offset) noexcept {
  const std::string_view before = s.substr(0, std::min(offset, s.size()));
  const std::size_t line_start = before.rfind('\n') + 1;  // npos + 1 is 0
  return {static_cast<int>(std::count(before.begin(), before.end(), '\n')) + 1,
          static_cast<int>(before.size() - line_start) + 1};
}

std::string duration(std::chrono::milliseconds d) {
  const auto ms = d.count();
  if (ms < 1000) return fmt::format("{} ms", ms);
  const auto tenths = ms / 100;  // rounded down
  if (ms < 10'000 && ms % 1000 >= 100) return fmt::format("{:.1f} s", static_cast<double>(tenths) / 10);
  if (ms <= 120'000) return fmt::format("{} s", ms / 1000);
  if (ms < 7'200'000) return fmt::format("{} min", ms / 60'000);
  return fmt::format("{} h", ms / 3'600'000);
}

}  // namespace airouter::text
