#pragma once

#include <cstddef>
#include <string_view>

#include "base/json.h"

// What stands between the values of JSON with comments: blanks, line ends, comments and separators. Offsets
// are those of valid text; none of these functions looks into a string.
namespace airouter::json {

enum class TriviaKind { blanks, line_end, line_comment, block_comment, separator, other };

struct Trivia {
  TriviaKind kind = TriviaKind::other;
  Span span{};  // a line comment ends before its line end
};

// The piece that begins at `offset`. `other`: a bracket, a value, or the end of the text; its span is empty.
Trivia trivia_at(std::string_view text, std::size_t offset) noexcept;

// The first offset from `offset` on that is neither blank nor line end nor comment.
std::size_t skip_trivia(std::string_view text, std::size_t offset) noexcept;

// From `offset` over blanks and comments of the same line: where its end stands, or the first thing that is
// none of them. A comment that reaches into the next line is not passed.
std::size_t skip_line(std::string_view text, std::size_t offset) noexcept;

// The blanks at the beginning of the line that `offset` lies in.
std::string_view indent_of(std::string_view text, std::size_t offset) noexcept;

std::size_t line_begin(std::string_view text, std::size_t offset) noexcept;

// Whether a line end stands at `offset`.
bool is_line_end(std::string_view text, std::size_t offset) noexcept;

}  // namespace airouter::json
