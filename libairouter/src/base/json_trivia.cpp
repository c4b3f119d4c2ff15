#include "base/json_trivia.h"

#include <algorithm>

namespace airouter::json {
namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

// A carriage return ends a line only together with a line feed, as editors and RapidJSON have it.
std::size_t line_end_size(std::string_view text, std::size_t offset) noexcept {
  const std::string_view rest = text.substr(std::min(offset, text.size()));
  if (rest.starts_with("\r\n")) return 2;
  return rest.starts_with('\n') ? 1 : 0;
}

bool is_blank(std::string_view text, std::size_t offset) noexcept {
  const char c = text[offset];
  return c == ' ' || c == '\t' || (c == '\r' && line_end_size(text, offset) == 0);
}

std::size_t line_comment_end(std::string_view text, std::size_t offset) noexcept {
  const std::size_t end = std::min(text.find('\n', offset), text.size());
  return end < text.size() && text[end - 1] == '\r' ? end - 1 : end;
}

}  // namespace

Trivia trivia_at(std::string_view text, std::size_t offset) noexcept {
  const std::string_view rest = text.substr(offset);
  if (const std::size_t size = line_end_size(text, offset); size > 0)
    return {TriviaKind::line_end, {offset, offset + size}};
  if (rest.starts_with("//")) return {TriviaKind::line_comment, {offset, line_comment_end(text, offset)}};
  if (rest.starts_with("/*"))
    return {TriviaKind::block_comment, {offset, std::min(text.find("*/", offset + 2), text.size() - 2) + 2}};
  if (rest.starts_with(',') || rest.starts_with(':')) return {TriviaKind::separator, {offset, offset + 1}};
  std::size_t end = offset;
  while (end < text.size() && is_blank(text, end))
    ++end;
  return {end > offset ? TriviaKind::blanks : TriviaKind::other, {offset, end}};
}

std::size_t skip_trivia(std::string_view text, std::size_t offset) noexcept {
  for (;;) {
    const Trivia piece = trivia_at(text, offset);
    if (piece.kind == TriviaKind::other || piece.kind == TriviaKind::separator) return offset;
    offset = piece.span.end;
  }
}

std::size_t skip_line(std::string_view text, std::size_t offset) noexcept {
  for (;;) {
    const Trivia piece = trivia_at(text, offset);
    const std::string_view bytes = text.substr(offset, piece.span.end - offset);
    const bool is_in_line =
        piece.kind == TriviaKind::blanks || piece.kind == TriviaKind::line_comment ||
        (piece.kind == TriviaKind::block_comment && bytes.find('\n') == std::string_view::npos);
    if (!is_in_line) return offset;
    offset = piece.span.end;
  }
}

std::size_t line_begin(std::string_view text, std::size_t offset) noexcept {
  const std::size_t before = offset == 0 ? std::string_view::npos : text.rfind('\n', offset - 1);
  if (before != std::string_view::npos) return before + 1;
  return text.starts_with(byte_order_mark) ? byte_order_mark.size() : 0;
}

std::string_view indent_of(std::string_view text, std::size_t offset) noexcept {
  const std::size_t begin = line_begin(text, offset);
  std::size_t end = begin;
  while (end < offset && is_blank(text, end))
    ++end;
  return text.substr(begin, end - begin);
}

bool is_line_end(std::string_view text, std::size_t offset) noexcept {
  return line_end_size(text, offset) > 0;
}

}  // namespace airouter::json
