#include "base/json_merge.h"

#include <algorithm>

namespace airouter::json {
namespace {

constexpr ParseOptions with_comments{.comments = true};
constexpr std::size_t changes_max = 64;

std::string_view bytes_of(std::string_view text, const Value& value) {
  return text.substr(value.span.begin, value.span.end - value.span.begin);
}

bool is_same_number(const std::string& a, const std::string& b) noexcept {
  if (a == b) return true;
  const auto whole_a = to_integer(a), whole_b = to_integer(b);
  if (whole_a && whole_b) return *whole_a == *whole_b;
  const auto value_a = to_double(a), value_b = to_double(b);
  return value_a && value_b && *value_a == *value_b;
}

// Whether every member of `a` that counts is the same in `b`.
bool has_members_of(const Value& b, const Value& a) noexcept {
  return std::all_of(a.members.begin(), a.members.end(), [&](const Member& member) {
    const Value* other = b.find(member.key);
    return other != nullptr && is_same(*a.find(member.key), *other);
  });
}

Path below(const Path& path, std::string token) {
  Path longer = path;
  longer.push_back(std::move(token));
  return longer;
}

// One edit after the other; the first that is impossible makes all of them so.
class Edits {
 public:
  explicit Edits(std::string_view text) : text_(text) {}

  template <class Edit>
  void apply(const Edit& edit) {
    if (text_) text_ = edit(*text_);
  }
  std::optional<std::string> take() { return std::move(text_); }

 private:
  std::optional<std::string> text_;
};

std::optional<std::string> assign_members(std::string_view text, const Path& path, const Value& old,
                                          const Value& value, std::string_view source) {
  Edits edits(text);
  for (const Member& member : old.members)
    if (value.find(member.key) == nullptr && old.find(member.key) == &member.value)
      edits.apply([&](const std::string& t) { return without(t, below(path, member.key)); });
  for (const Member& member : value.members)
    if (value.find(member.key) == &member.value)
      edits.apply([&](const std::string& t) {
        return assigned(t, below(path, member.key), bytes_of(source, member.value));
      });
  return edits.take();
}

std::size_t changes_between(const Value& old, const Value& value) {
  const auto is_changed_in = [](const Value& other) {
    return [&other](const Member& member) {
      const Value* found = other.find(member.key);
      return found == nullptr || !is_same(member.value, *found);
    };
  };
  return static_cast<std::size_t>(
      std::count_if(value.members.begin(), value.members.end(), is_changed_in(old)) +
      std::count_if(old.members.begin(), old.members.end(),
                    [&](const Member& member) { return value.find(member.key) == nullptr; }));
}

// Items that go are removed and new ones appended, unless the order is another one.
std::optional<std::string> assign_items(std::string_view text, const Path& path, const Value& old,
                                        const Value& value, std::string_view source) {
  std::vector<std::size_t> gone;
  std::size_t kept = 0;
  for (std::size_t i = 0; i < old.items.size(); ++i) {
    if (kept < value.items.size() && is_same(old.items[i], value.items[kept]))
      ++kept;
    else
      gone.push_back(i);
  }
  if (kept == 0 || gone.size() + value.items.size() - kept > changes_max)
    return with_value(text, path, bytes_of(source, value));
  Edits edits(text);
  for (auto index = gone.rbegin(); index != gone.rend(); ++index)
    edits.apply([&](const std::string& t) { return without(t, below(path, std::to_string(*index))); });
  for (std::size_t i = kept; i < value.items.size(); ++i)
    edits.apply([&](const std::string& t) {
      return with_value(t, below(path, std::to_string(i)), bytes_of(source, value.items[i]));
    });
  return edits.take();
}

}  // namespace

bool is_same(const Value& a, const Value& b) noexcept {
  if (a.kind != b.kind || a.boolean != b.boolean) return false;
  if (a.is_number()) return is_same_number(a.text, b.text);
  return a.text == b.text &&
         std::equal(a.items.begin(), a.items.end(), b.items.begin(), b.items.end(), is_same) &&
         has_members_of(a, b) && has_members_of(b, a);
}

std::optional<std::string> assigned(std::string_view text, const Path& path, std::string_view value) {
  const Parsed parsed = parse(text, with_comments), put = parse(value);
  if (!parsed.value || !put.value) return std::nullopt;
  const Value* old = find(*parsed.value, path);
  if (old == nullptr) return with_value(text, path, value);
  if (is_same(*old, *put.value)) return std::string(text);
  if (old->is_object() && put.value->is_object() && changes_between(*old, *put.value) <= changes_max)
    return assign_members(text, path, *old, *put.value, value);
  if (old->is_array() && put.value->is_array()) return assign_items(text, path, *old, *put.value, value);
  return with_value(text, path, value);
}

std::optional<std::string> merged(std::string_view text, const Path& path, std::string_view patch) {
  const Parsed parsed = parse(text, with_comments), put = parse(patch);
  if (!parsed.value || !put.value) return std::nullopt;
  if (!put.value->is_object()) return assigned(text, path, patch);
  const Value* old = find(*parsed.value, path);
  Edits edits(text);
  if (old == nullptr || !old->is_object())
    edits.apply([&](const std::string& t) { return with_value(t, path, "{}"); });
  for (const Member& member : put.value->members) {
    if (put.value->find(member.key) != &member.value) continue;
    const Path place = below(path, member.key);
    if (member.value.kind != Kind::null)
      edits.apply([&](const std::string& t) { return merged(t, place, bytes_of(patch, member.value)); });
    else if (old != nullptr && old->find(member.key) != nullptr)
      edits.apply([&](const std::string& t) { return without(t, place); });
  }
  return edits.take();
}

}  // namespace airouter::json
