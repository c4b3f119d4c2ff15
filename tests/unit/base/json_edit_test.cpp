#include "base/json_edit.h"

#include <algorithm>
#include <random>

#include "base/json_merge.h"
#include "support/catch.h"

using namespace airouter;
using json::Path;
using json::Value;

namespace {

constexpr std::string_view nothing = "(nothing)";

std::string set(std::string_view text, const Path& path, std::string_view value) {
  return json::with_value(text, path, value).value_or(std::string(nothing));
}

std::string removed(std::string_view text, const Path& path) {
  return json::without(text, path).value_or(std::string(nothing));
}

// Writes documents with every kind of layout: comments, line ends and blanks wherever they may stand.
class Author {
 public:
  explicit Author(unsigned seed) : random_(seed) {}

  std::size_t below(std::size_t n) { return std::uniform_int_distribution<std::size_t>(0, n - 1)(random_); }

  std::string document() { return (below(8) == 0 ? "\xEF\xBB\xBF" : "") + trivia() + object(3) + trivia(); }

  // As a program writes it: without comments.
  std::string plain_value(int depth) {
    is_plain_ = true;
    std::string text = value(depth);
    is_plain_ = false;
    return text;
  }

  std::string value(int depth) {
    switch (below(depth > 0 ? 6 : 4)) {
      case 0:
        return below(2) == 0 ? "1.50e1" : "-0";
      case 1:
        return R"("// \"no\" /* comment, } ]")";
      case 2:
        return below(2) == 0 ? "null" : "true";
      case 3:
        return R"("é\u00e9")";
      case 4:
        return object(depth - 1);
      default:
        return list(depth - 1);
    }
  }

  std::string key() {
    static const std::array<std::string, 6> keys{"a", "b", "c", "d", "é", "x/~y"};
    return keys[below(keys.size())];
  }

 private:
  std::string trivia() {
    static const std::array<std::string, 12> pieces{
        "", "", " ", " ", "\n", "\r\n", "\n  ", "\t", "\r", "// c, }\n", " // c \"\r\n  ", "/* c: [\n */"};
    std::string text;
    for (std::size_t i = is_plain_ ? 0 : below(3); i > 0; --i)
      text += pieces[below(pieces.size())];
    return text;
  }

  std::string object(int depth) {
    std::string text;
    for (std::size_t i = below(4); i > 0; --i) {
      text += (text.empty() ? "" : ",") + trivia() + json::quote(key()) + trivia() + ":";
      text += trivia() + value(depth) + trivia();
    }
    return "{" + (text.empty() ? trivia() : text) + "}";
  }

  std::string list(int depth) {
    std::string text;
    for (std::size_t i = below(4); i > 0; --i)
      text += (text.empty() ? "" : ",") + trivia() + value(depth) + trivia();
    return "[" + (text.empty() ? trivia() : text) + "]";
  }

  std::mt19937 random_;
  bool is_plain_ = false;
};

Value parsed(std::string_view text) {
  json::Parsed result = json::parse(text, {.comments = true});
  INFO(text);
  REQUIRE(result.value);
  return *std::move(result.value);
}

// A random place that is there.
Path place_in(const Value& root, Author& author) {
  Path path;
  const Value* value = &root;
  while (!value->items.empty() || !value->members.empty()) {
    if (!path.empty() && author.below(3) == 0) break;
    if (value->is_array()) {
      path.push_back(std::to_string(author.below(value->items.size())));
    } else {
      path.push_back(value->members[author.below(value->members.size())].key);
    }
    value = json::find(root, path);
  }
  return path;
}

// The same edits, on a tree.
Value* walk(Value& root, const Path& path) {
  Value* value = &root;
  for (const std::string& token : path)
    value = const_cast<Value*>(json::find(*value, {token}));
  return value;
}

Value with(Value root, const Path& path, const Value& value) {
  Value* container = walk(root, Path(path.begin(), path.end() - 1));
  if (Value* old = const_cast<Value*>(json::find(*container, {path.back()}))) {
    *old = value;
  } else if (container->is_array()) {
    container->items.push_back(value);
  } else {
    container->members.push_back({path.back(), {}, value});
  }
  return root;
}

Value less(Value root, const Path& path) {
  Value* container = walk(root, Path(path.begin(), path.end() - 1));
  if (container->is_array())
    container->items.erase(container->items.begin() + std::stoi(path.back()));
  else
    std::erase_if(container->members, [&](const json::Member& m) { return m.key == path.back(); });
  return root;
}

bool has_twice(const Value& root, const Path& path) {
  const Value& container = *json::find(root, Path(path.begin(), path.end() - 1));
  return std::count_if(container.members.begin(), container.members.end(),
                       [&](const json::Member& m) { return m.key == path.back(); }) > 1;
}

// What stands before and behind the child at `path` up to its neighbours, or their brackets.
struct Neighbourhood {
  std::size_t before = 0, behind = 0;
};

Neighbourhood around(const Value& root, const Path& path) {
  const Value& container = *json::find(root, Path(path.begin(), path.end() - 1));
  Neighbourhood out{container.span.begin + 1, container.span.end - 1};
  const Value* own = json::find(root, path);
  for (const Value& item : container.items) {
    if (item.span.end <= own->span.begin) out.before = item.span.end;
    if (item.span.begin >= own->span.end) out.behind = std::min(out.behind, item.span.begin);
  }
  for (const json::Member& member : container.members) {
    if (member.value.span.end <= own->span.begin) out.before = member.value.span.end;
    if (member.value.span.begin > own->span.end) out.behind = std::min(out.behind, member.key_span.begin);
  }
  return out;
}

void check_kept(std::string_view text, std::string_view edited, std::size_t before, std::size_t behind) {
  CHECK(edited.starts_with(text.substr(0, before)));
  CHECK(edited.ends_with(text.substr(behind)));
}

}  // namespace

TEST_CASE("a replaced value leaves every other byte as it is", "[json_edit]") {
  Author author(1);
  for (int round = 0; round < 3000; ++round) {
    const std::string text = author.document(), value = author.plain_value(2);
    const Value before = parsed(text);
    const Path path = place_in(before, author);
    if (path.empty()) continue;
    INFO(text << "\n--- " << path.back() << " = " << value);
    const std::string edited = set(text, path, value);
    INFO(edited);
    CHECK(json::is_same(parsed(edited), with(before, path, parsed(value))));
    const json::Span span = json::find(before, path)->span;
    check_kept(text, edited, span.begin, span.end);
  }
}

TEST_CASE("an inserted value stands behind the others, and they keep their bytes", "[json_edit]") {
  Author author(2);
  for (int round = 0; round < 3000; ++round) {
    const std::string text = author.document(), value = author.plain_value(2);
    const Value before = parsed(text);
    Path path = place_in(before, author);
    const Value* container = json::find(before, path);
    if (!container->is_array() && !container->is_object()) {
      if (path.empty()) continue;
      path.pop_back();
      container = json::find(before, path);
    }
    path.push_back(container->is_array() ? std::to_string(container->items.size()) : "new \"key\"");
    INFO(text << "\n--- " << path.back() << " = " << value);
    const std::string edited = set(text, path, value);
    INFO(edited);
    CHECK(json::is_same(parsed(edited), with(before, path, parsed(value))));
    std::size_t last = container->span.begin + 1;
    for (const Value& item : container->items)
      last = item.span.end;
    for (const json::Member& member : container->members)
      last = member.value.span.end;
    check_kept(text, edited, last, container->span.end - 1);
  }
}

TEST_CASE("a removed value takes nothing along but its comma and its comments", "[json_edit]") {
  Author author(3);
  for (int round = 0; round < 5000; ++round) {
    const std::string text = author.document();
    const Value before = parsed(text);
    const Path path = place_in(before, author);
    if (path.empty()) continue;
    INFO(text << "\n--- without " << path.back());
    const std::string edited = removed(text, path);
    INFO(edited);
    CHECK(json::is_same(parsed(edited), less(before, path)));
    if (has_twice(before, path)) continue;
    const Neighbourhood kept = around(before, path);
    check_kept(text, edited, kept.before, kept.behind);
  }
}

TEST_CASE("an assigned or merged value is what it should be, whatever was there", "[json_edit]") {
  Author author(4);
  for (int round = 0; round < 3000; ++round) {
    const std::string text = author.document();
    const Value before = parsed(text);
    const Path path = place_in(before, author);
    const std::string value = path.empty() ? "{\"a\":[1]}" : author.plain_value(2);
    INFO(text << "\n--- " << (path.empty() ? "root" : path.back()) << " = " << value);
    const std::string edited = json::assigned(text, path, value).value_or("");
    INFO(edited);
    CHECK(json::is_same(*json::find(parsed(edited), path), parsed(value)));
    CHECK(json::assigned(edited, path, value) == edited);
    const auto merged = json::merged(text, path, value);
    REQUIRE(merged);
    CHECK(json::merged(*merged, path, value) == merged);
  }
}

TEST_CASE("what is put in follows the layout of its neighbours", "[json_edit]") {
  const std::string config =
      "{\n    \"port\": 1, // the port\n    \"list\": [\n        {\n"
      "            \"name\": \"a\"\n        }\n    ],\n    \"map\": {}\n}\n";
  CHECK(
      set(config, {"list", "1"}, R"({"name":"b","models":["x","y"]})") ==
      "{\n    \"port\": 1, // the port\n    \"list\": [\n        {\n            \"name\": \"a\"\n        },\n"
      "        {\n            \"name\": \"b\",\n            \"models\": [\"x\", \"y\"]\n        }\n    ],\n"
      "    \"map\": {}\n}\n");
  CHECK(set("{\n  \"map\": {}\n}\n", {"map", "gpt"}, R"(["a","b"])") ==
        "{\n  \"map\": {\n    \"gpt\": [\"a\", \"b\"]\n  }\n}\n");
  CHECK(set("{}\n", {"port"}, "8000") == "{\n  \"port\": 8000\n}\n");
  CHECK(set("{}", {"port"}, "8000") == "{\"port\": 8000}");
  CHECK(set(R"({"a":1,"b":[1,2]})", {"b", "2"}, "3") == R"({"a":1,"b":[1,2,3]})");
  CHECK(set("{\r\n\t\"a\": 1 // one\r\n}", {"b"}, R"({"c":2})") ==
        "{\r\n\t\"a\": 1, // one\r\n\t\"b\": {\r\n\t\t\"c\": 2\r\n\t}\r\n}");
  CHECK(set("{ // nothing yet\n}", {"a"}, "1") == "{ // nothing yet\n  \"a\": 1\n}");
  CHECK(set("{\"l\": [\n  {\"n\":1}\n]}", {"l", "1"}, R"({"n":2})") ==
        "{\"l\": [\n  {\"n\":1},\n  {\"n\": 2}\n]}");
}

TEST_CASE("a removed value takes along the comments that are about it", "[json_edit]") {
  const std::string text =
      "{\n  // the head\n\n  // about a\n  \"a\": 1, // one\n  /* about b */\n  \"b\": 2, // two\n"
      "  \"c\": 3 // three\n  // the end\n}\n";
  CHECK(removed(text, {"a"}) ==
        "{\n  // the head\n\n  /* about b */\n  \"b\": 2, // two\n  \"c\": 3 // three\n  // the end\n}\n");
  CHECK(removed(text, {"b"}) ==
        "{\n  // the head\n\n  // about a\n  \"a\": 1, // one\n  \"c\": 3 // three\n  // the end\n}\n");
  CHECK(removed(text, {"c"}) ==
        "{\n  // the head\n\n  // about a\n  \"a\": 1, // one\n  /* about b */\n  \"b\": 2 // two\n"
        "  // the end\n}\n");
  CHECK(removed("{\"a\": [1, /* two */ 2, 3]}", {"a", "1"}) == "{\"a\": [1, 3]}");
  CHECK(removed("{\"a\": [1, 2, 3]}", {"a", "2"}) == "{\"a\": [1, 2]}");
  CHECK(removed("{\"a\": [\n  1,\n  2]}", {"a", "1"}) == "{\"a\": [\n  1]}");
  CHECK(removed("{\n  \"a\": 1\n}", {"a"}) == "{}");
  CHECK(removed("{ \"a\": 1, \"b\": 2 }", {"b"}) == "{ \"a\": 1 }");
  CHECK(removed(R"({"a":1,"b":2,"a":3})", {"a"}) == R"({"b":2})");
}

TEST_CASE("a merge touches only what it changes", "[json_edit]") {
  const std::string text =
      "{\n  \"t\": {\"x\": 10.0, \"y\": 2}, // times\n  \"l\": [\n    \"a\", // first\n"
      "    \"b\",\n    \"c\"\n  ]\n}\n";
  const auto merged = [&](std::string_view patch) { return json::merged(text, {}, patch).value_or("?"); };
  CHECK(merged(R"({"t":{"x":10},"l":["a","b","c"]})") == text);
  CHECK(merged(R"({"t":{"y":null},"l":["a","c","d"]})") ==
        "{\n  \"t\": {\"x\": 10.0}, // times\n  \"l\": [\n    \"a\", // first\n    \"c\",\n    \"d\"\n  "
        "]\n}\n");
  CHECK(merged(R"({"t":null})").find("times") == std::string::npos);
  CHECK(merged(R"({"n":{"k":1,"gone":null}})").find("\"n\": {\n    \"k\": 1\n  }") != std::string::npos);
}

TEST_CASE("an edit of what is no JSON, or of a place that is not there, is nothing", "[json_edit]") {
  CHECK(set("{", {"a"}, "1") == nothing);
  CHECK(set("{}", {"a"}, "{") == nothing);
  CHECK(set("{}", {"a", "b"}, "1") == nothing);
  CHECK(set("[1]", {"2"}, "1") == nothing);
  CHECK(set("[1]", {"x"}, "1") == nothing);
  CHECK(set("3", {"x"}, "1") == nothing);
  CHECK(removed("{}", {"a"}) == nothing);
  CHECK(removed("[]", {"0"}) == nothing);
  CHECK(removed("{}", {}) == nothing);
}
