#include "protocol/event_scan.h"

#include "base/text.h"

namespace airouter::protocol {
namespace {

// What counts as output.
enum class When {
  text,     // a string that is not empty
  element,  // anything in the list
  inside,   // a text, number or true anywhere inside
};

struct Output {
  std::string_view path;
  When when;
};

constexpr std::string_view delta = "choices[].delta.";

constexpr Output outputs[] = {
    {"content", When::text},           {"content[]", When::element},
    {"tool_calls[]", When::element},   {"function_call.", When::inside},
    {"reasoning", When::text},         {"reasoning.", When::inside},
    {"reasoning_content", When::text}, {"reasoning_details[]", When::element},
    {"thinking", When::text},          {"thinking.", When::inside},
    {"refusal", When::text},           {"audio.", When::inside},
    {"images[]", When::element},
};

bool says_something(const Leaf& leaf) {
  if (leaf.kind == json::Kind::boolean) return leaf.boolean;
  return leaf.kind == json::Kind::number || (leaf.kind == json::Kind::string && !leaf.text.empty());
}

bool is_output(std::string_view path, const Leaf& leaf) {
  if (path == "choices[].text") return leaf.kind == json::Kind::string && !leaf.text.empty();
  if (!path.starts_with(delta)) return false;
  path.remove_prefix(delta.size());
  for (const Output& output : outputs) {
    switch (output.when) {
      case When::text:
        if (path == output.path && leaf.kind == json::Kind::string && !leaf.text.empty()) return true;
        break;
      case When::element:
        if (path.starts_with(output.path) && leaf.kind != json::Kind::null) return true;
        break;
      case When::inside:
        if (path.starts_with(output.path) && says_something(leaf)) return true;
        break;
    }
  }
  return false;
}

}  // namespace

void EventScan::found_leaf(const Leaf& leaf) {
  const std::string_view place = path();
  if (!place.starts_with("choices[].")) return BodyScan::found_leaf(leaf);
  if (place == "choices[].index" && leaf.kind == json::Kind::number)
    choice_.index = json::to_integer(leaf.text).value_or(0);
  // Some relays print an empty finish reason with every event.
  if (place == "choices[].finish_reason" && leaf.kind == json::Kind::string && !leaf.text.empty())
    choice_.is_finished = has_output_ = true;
  if (!has_output_ && is_output(place, leaf)) has_output_ = true;
}

void EventScan::found_open(json::Kind kind, std::size_t offset) {
  BodyScan::found_open(kind, offset);
  if (kind == json::Kind::object && path() == "choices[]") choice_ = {};
}

void EventScan::found_close(json::Kind kind, json::Span) {
  if (kind != json::Kind::object || path() != "choices[]") return;
  if (choices_.size() == choices_max) {
    has_too_many_choices_ = true;
  } else {
    choices_.push_back(choice_);
  }
}

}  // namespace airouter::protocol
