#include "base/json_layout.h"

#include <algorithm>

#include "base/json_trivia.h"

namespace airouter::json {
namespace {

std::string_view bytes_of(std::string_view text, Span span) {
  return text.substr(span.begin, span.end - span.begin);
}

bool is_leaf(const Value& value) {
  return value.items.empty() && value.members.empty();
}

// Writes one value after the other; the depth is the parser's, which is bounded.
class Printer {
 public:
  Printer(std::string_view source, const Layout& layout) : source_(source), layout_(layout) {}

  std::string print(const Value& value, const std::string& indent, bool spread) const {
    if (value.is_object() && !is_leaf(value)) {
      std::string text;
      for (const Member& member : value.members)
        separate(text, indent, spread)
            .append(bytes_of(source_, member.key_span))
            .append(layout_.colon)
            .append(print(member.value, inner(indent, spread), spread));
      return close("{", text, "}", indent, spread);
    }
    if (value.is_array() && !is_leaf(value)) {
      const bool in_lines = spread && !std::all_of(value.items.begin(), value.items.end(), is_leaf);
      std::string text;
      for (const Value& item : value.items)
        separate(text, indent, in_lines).append(print(item, inner(indent, in_lines), spread));
      return close("[", text, "]", indent, in_lines);
    }
    if (value.is_object()) return "{}";
    return value.is_array() ? "[]" : std::string(bytes_of(source_, value.span));
  }

 private:
  std::string inner(const std::string& indent, bool in_lines) const {
    return in_lines ? indent + layout_.unit : indent;
  }

  std::string& separate(std::string& text, const std::string& indent, bool in_lines) const {
    if (in_lines)
      return text.append(text.empty() ? "" : ",").append(layout_.line_end).append(indent + layout_.unit);
    return text.append(text.empty() ? "" : layout_.comma);
  }

  std::string close(std::string_view opening, const std::string& text, std::string_view closing,
                    const std::string& indent, bool in_lines) const {
    std::string all(opening);
    all.append(text);
    if (in_lines) all.append(layout_.line_end).append(indent);
    return all.append(closing);
  }

  const std::string_view source_;
  const Layout& layout_;
};

}  // namespace

Layout layout_of(std::string_view text, const Value& root) {
  Layout layout;
  const std::size_t line = text.find('\n');
  layout.has_lines = line != std::string_view::npos;
  if (layout.has_lines && line > 0 && text[line - 1] == '\r') layout.line_end = "\r\n";
  if (root.members.empty()) return layout;

  const Member& first = root.members.front();
  const std::string_view indent = indent_of(text, first.key_span.begin);
  const bool begins_line = line_begin(text, first.key_span.begin) > root.span.begin;
  if (begins_line && !indent.empty()) layout.unit = indent;
  layout.has_lines = begins_line;
  const std::string_view colon = bytes_of(text, {first.key_span.end, first.value.span.begin});
  if (colon.find_first_not_of(" :") == std::string_view::npos) layout.colon = colon;
  if (layout.colon == ":") layout.comma = ",";
  return layout;
}

std::string lay_out(const Value& value, std::string_view source, const Layout& layout,
                    const std::string& indent, bool spread) {
  return Printer(source, layout).print(value, indent, spread);
}

}  // namespace airouter::json
