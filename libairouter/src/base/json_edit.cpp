#include "base/json_edit.h"

#include <algorithm>

#include "base/json_layout.h"
#include "base/json_trivia.h"

namespace airouter::json {
namespace {

constexpr ParseOptions with_comments{.comments = true};

// The children of an object or a list, by where they begin and end.
std::vector<Span> children_of(const Value& container) {
  std::vector<Span> children;
  for (const Member& member : container.members)
    children.push_back({member.key_span.begin, member.value.span.end});
  for (const Value& item : container.items)
    children.push_back(item.span);
  return children;
}

std::optional<std::size_t> index_in(const Value& container, std::string_view token) {
  if (container.is_array()) {
    const auto index = to_integer(token);
    if (!index || *index < 0 || static_cast<std::size_t>(*index) >= container.items.size())
      return std::nullopt;
    return static_cast<std::size_t>(*index);
  }
  for (std::size_t i = container.members.size(); i > 0; --i)
    if (container.members[i - 1].key == token) return i - 1;
  return std::nullopt;
}

const Value& child(const Value& container, std::size_t index) {
  return container.is_array() ? container.items[index] : container.members[index].value;
}

// Whether nothing but blanks stands before `offset` in its line.
bool begins_line(std::string_view text, std::size_t offset) {
  return line_begin(text, offset) + indent_of(text, offset).size() == offset;
}

std::string spliced(std::string_view text, Span span, std::string_view replacement) {
  std::string out(text.substr(0, span.begin));
  return out.append(replacement).append(text.substr(span.end));
}

// Puts a value behind the others of an object or a list. `key` is empty in a list, else a JSON string.
class Insertion {
 public:
  Insertion(std::string_view text, const Layout& layout, std::string_view key, const Value& value,
            std::string_view source)
      : text_(text), layout_(layout), key_(key), value_(value), source_(source) {}

  std::string into(const Value& container) const {
    const std::vector<Span> children = children_of(container);
    return children.empty() ? into_empty(container) : behind(children.back());
  }

 private:
  std::string element(const std::string& indent, bool spread) const {
    const std::string value = lay_out(value_, source_, layout_, indent, spread);
    return key_.empty() ? value : std::string(key_) + layout_.colon + value;
  }

  std::string behind(Span last) const {
    if (!begins_line(text_, last.begin))
      return spliced(text_, {last.end, last.end},
                     layout_.comma + element(std::string(indent_of(text_, last.begin)), false));
    const std::string indent(indent_of(text_, last.begin));
    const bool has_lines =
        text_.substr(last.begin, last.end - last.begin).find('\n') != std::string_view::npos;
    const std::string line = layout_.line_end + indent + element(indent, has_lines || !key_.empty());
    // What is said about the last one in its line stays there, behind the comma.
    const std::size_t line_rest = skip_line(text_, last.end);
    const std::size_t end = is_line_end(text_, line_rest) ? line_rest : last.end;
    return spliced(spliced(text_, {end, end}, line), {last.end, last.end}, ",");
  }

  std::string into_empty(const Value& container) const {
    const Span inside{container.span.begin + 1, container.span.end - 1};
    std::size_t end = inside.end;  // of the comments, if there are any
    while (end > inside.begin && std::string_view(" \t\r\n").find(text_[end - 1]) != std::string_view::npos)
      --end;
    const bool has_lines =
        layout_.has_lines ||
        text_.substr(inside.begin, inside.end - inside.begin).find('\n') != std::string_view::npos;
    // Lists of plain values stay in their line; comments of lines need the line's end behind them.
    if (!has_lines || (end == inside.begin && key_.empty() && value_.items.empty() && value_.members.empty()))
      return spliced(text_, {end, inside.end}, element("", false));
    const std::string outer(indent_of(text_, container.span.begin));
    const std::string indent = outer + layout_.unit;
    return spliced(text_, {end, inside.end},
                   layout_.line_end + indent + element(indent, true) + layout_.line_end + outer);
  }

  const std::string_view text_;
  const Layout& layout_;
  const std::string_view key_;
  const Value& value_;
  const std::string_view source_;
};

// Takes one child out of an object or a list.
class Removal {
 public:
  Removal(std::string_view text, const Value& container, std::size_t index)
      : text_(text),
        container_(container),
        children_(children_of(container)),
        index_(index),
        is_last_(index + 1 == children_.size()) {}

  std::string run() const {
    const std::size_t begin = lead();
    Span span{begin, tail()};
    const bool has_own_line = begins_line(text_, begin) && begin > container_.span.begin + 1;
    if (is_line_end(text_, span.end)) {
      // The whole line, or what stands at its end.
      span = has_own_line ? Span{line_begin(text_, begin), trivia_at(text_, span.end).span.end}
                          : Span{without_blanks(begin), span.end};
    } else if (is_last_ && has_only_blanks_before(begin)) {
      span.begin = gap_begin();
    } else if (is_last_ && !has_own_line) {
      span.begin = without_blanks(begin);
    }
    std::string out = spliced(text_, span, "");
    if (is_last_ && index_ > 0) {
      const std::size_t comma = skip_trivia(text_, children_[index_ - 1].end);
      // A comma on the child's own line went with it.
      if (comma < span.begin) out.erase(comma, 1);
    }
    if (children_.size() > 1) return out;
    return without_inner_blanks(std::move(out), container_.span.end - (span.end - span.begin));
  }

 private:
  // Where the pieces before the child begin that belong to nothing else: behind the bracket or the comma.
  std::size_t gap_begin() const {
    if (index_ == 0) return container_.span.begin + 1;
    return skip_trivia(text_, children_[index_ - 1].end) + 1;
  }

  // Where the child begins, with the comments right above it.
  std::size_t lead() const {
    std::vector<Trivia> pieces;
    const std::size_t own = children_[index_].begin;
    for (std::size_t at = gap_begin(); at < own; at = pieces.back().span.end)
      pieces.push_back(trivia_at(text_, at));
    std::size_t begin = own;
    int line_ends = 0;
    for (auto piece = pieces.rbegin(); piece != pieces.rend(); ++piece) {
      if (piece->kind == TriviaKind::line_end && ++line_ends > 1) break;
      const bool is_comment =
          piece->kind == TriviaKind::line_comment || piece->kind == TriviaKind::block_comment;
      if (!is_comment) continue;
      const bool is_right_before = piece->kind == TriviaKind::block_comment && line_ends == 0;
      if (!is_right_before && !begins_line(text_, piece->span.begin)) break;
      begin = piece->span.begin;
      line_ends = 0;
    }
    return begin;
  }

  // Where the child ends, with its comma and the comments behind it.
  std::size_t tail() const {
    const std::size_t own = children_[index_].end;
    if (is_last_) {
      const std::size_t end = skip_line(text_, own);
      if (is_line_end(text_, end)) return end;
      return end + 1 == container_.span.end ? without_blanks(end) : own;
    }
    const std::size_t comma = skip_trivia(text_, own) + 1;
    const std::size_t end = skip_line(text_, comma);
    if (is_line_end(text_, end)) return end;
    const Trivia blanks = trivia_at(text_, comma);
    return blanks.kind == TriviaKind::blanks ? blanks.span.end : comma;
  }

  bool has_only_blanks_before(std::size_t offset) const {
    const std::string_view gap = text_.substr(gap_begin(), offset - gap_begin());
    return gap.find_first_not_of(" \t\r\n") == std::string_view::npos;
  }

  std::size_t without_blanks(std::size_t offset) const {
    while (text_[offset - 1] == ' ' || text_[offset - 1] == '\t')
      --offset;
    return offset;
  }

  // An object or list that became empty, and whose closing bracket ends at `end`, is written without a gap.
  std::string without_inner_blanks(std::string text, std::size_t end) const {
    const std::size_t begin = container_.span.begin + 1;
    const std::string_view inside = std::string_view(text).substr(begin, end - 1 - begin);
    if (inside.find_first_not_of(" \t\r\n") == std::string_view::npos) text.erase(begin, inside.size());
    return text;
  }

  const std::string_view text_;
  const Value& container_;
  const std::vector<Span> children_;
  const std::size_t index_;
  const bool is_last_;
};

// A value that had lines keeps them; one that had none gets them where its neighbours have.
std::string replaced_at(std::string_view text, const Layout& layout, const Value& old, std::size_t begin,
                        const Value& value, std::string_view source) {
  const std::string_view bytes = text.substr(old.span.begin, old.span.end - old.span.begin);
  const bool was_leaf = old.items.empty() && old.members.empty();
  const bool spread =
      was_leaf ? layout.has_lines && begins_line(text, begin) : bytes.find('\n') != std::string_view::npos;
  return spliced(text, old.span, lay_out(value, source, layout, std::string(indent_of(text, begin)), spread));
}

}  // namespace

const Value* find(const Value& root, const Path& path) noexcept {
  const Value* value = &root;
  for (const std::string& token : path) {
    const auto index = index_in(*value, token);
    if (!index) return nullptr;
    value = &child(*value, *index);
  }
  return value;
}

std::optional<std::string> with_value(std::string_view text, const Path& path, std::string_view value) {
  const Parsed parsed = parse(text, with_comments), put = parse(value);
  if (!parsed.value || !put.value) return std::nullopt;
  const Layout layout = layout_of(text, *parsed.value);
  if (path.empty())
    return replaced_at(text, layout, *parsed.value, parsed.value->span.begin, *put.value, value);
  const Value* container = find(*parsed.value, Path(path.begin(), path.end() - 1));
  if (container == nullptr) return std::nullopt;
  if (const auto index = index_in(*container, path.back()))
    return replaced_at(text, layout, child(*container, *index), children_of(*container)[*index].begin,
                       *put.value, value);
  if (container->is_object())
    return Insertion(text, layout, quote(path.back()), *put.value, value).into(*container);
  const bool is_next =
      container->is_array() && to_integer(path.back()) == static_cast<std::int64_t>(container->items.size());
  if (!is_next) return std::nullopt;
  return Insertion(text, layout, {}, *put.value, value).into(*container);
}

std::optional<std::string> without(std::string_view text, const Path& path) {
  if (path.empty()) return std::nullopt;
  const Parsed parsed = parse(text, with_comments);
  if (!parsed.value) return std::nullopt;
  const Value* container = find(*parsed.value, Path(path.begin(), path.end() - 1));
  const auto index = container == nullptr ? std::nullopt : index_in(*container, path.back());
  if (!index) return std::nullopt;
  std::string out = Removal(text, *container, *index).run();
  const bool is_twice =
      container->is_object() && std::count_if(container->members.begin(), container->members.end(),
                                              [&](const Member& m) { return m.key == path.back(); }) > 1;
  return is_twice ? without(out, path) : std::optional(std::move(out));
}

}  // namespace airouter::json
