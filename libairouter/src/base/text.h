#pragma once

#include <chrono>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

// Small pure functions on text. ASCII rules only: never the locale's.
namespace airouter::text {

char lower(char c) noexcept;
std::string lower(std::string_view s);
bool equals_ignoring_case(std::string_view a, std::string_view b) noexcept;
bool starts_with_ignoring_case(std::string_view s, std::string_view prefix) noexcept;
bool contains_ignoring_case(std::string_view s, std::string_view needle) noexcept;

// A token, which names of methods and header fields are (RFC 9110, 5.6.2), and what it is made of.
bool is_token_char(char c) noexcept;
bool is_token(std::string_view s) noexcept;

// Without leading and trailing blanks, tabs and line ends.
std::string_view trim(std::string_view s) noexcept;

// Whether `s` matches `pattern`, where each `*` stands for any run of characters. Linear in practice, never
// exponential.
bool matches_wildcard(std::string_view pattern, std::string_view s) noexcept;

bool is_valid_utf8(std::string_view s) noexcept;

// Invalid UTF-8 sequences replaced by U+FFFD.
std::string valid_utf8(std::string_view s);

// The same, and C0 controls and DEL by a blank: safe for a log line or a terminal.
std::string printable(std::string_view s);

// Cut to at most `bytes_max`, never inside a UTF-8 character; "…" is appended where something was cut.
std::string shortened(std::string_view s, std::size_t bytes_max);

// Every occurrence of `from` replaced by `to`; an empty `from` changes nothing.
std::string replaced(std::string_view s, std::string_view from, std::string_view to);

// The one of `names` that `s` was probably meant to be, or empty: at most a third of its letters differ.
std::string_view nearest(std::string_view s, std::span<const std::string_view> names);

// RFC 3986 percent-decoding; a malformed escape stays as it is.
std::string percent_decoded(std::string_view s);

// Where a byte stands in a text, 1-based; the column counts bytes.
struct Position {
  int line = 1, column = 1;
};
Position position_of(std::string_view s, std::size_t offset) noexcept;

// "250 ms", "1.5 s", "43 s", "5 min": for people, two significant parts at most.
std::string duration(std::chrono::milliseconds d);

}  // namespace airouter::text
