#include "support/json_schema.h"

#include <algorithm>
#include <array>
#include <stdexcept>

#include "base/text.h"

namespace {

namespace json = airouter::json;
using namespace std::string_view_literals;

std::string_view kind_of(const json::Value& value) {
  switch (value.kind) {
    case json::Kind::null:
      return "null";
    case json::Kind::boolean:
      return "boolean";
    case json::Kind::number:
      return json::to_integer(value.text) ? "integer" : "number";
    case json::Kind::string:
      return "string";
    case json::Kind::array:
      return "array";
    case json::Kind::object:
      return "object";
  }
  return "";
}

bool has_type(const json::Value& value, std::string_view type) {
  return kind_of(value) == type || (type == "number" && kind_of(value) == "integer");
}

bool is_one_of(const json::Value& value, const json::Value& list) {
  return std::any_of(list.items.begin(), list.items.end(), [&](const json::Value& item) {
    return item.kind == value.kind && item.text == value.text;
  });
}

std::string wrong_type(const json::Value& value, const json::Value& type, const std::string& where) {
  const bool fits = type.is_array()
                        ? std::any_of(type.items.begin(), type.items.end(),
                                      [&](const json::Value& item) { return has_type(value, item.text); })
                        : has_type(value, type.text);
  return fits ? "" : where + " is " + std::string(kind_of(value)) + "\n";
}

std::string wrong_members(const json::Value& value, const json::Value& schema, const json::Value& root,
                          const std::string& where) {
  std::string wrong;
  if (const json::Value* required = schema.find("required"))
    for (const json::Value& name : required->items)
      if (value.find(name.text) == nullptr) wrong += where + " has no " + name.text + "\n";
  const json::Value* properties = schema.find("properties");
  const json::Value* others = schema.find("additionalProperties");
  for (const json::Member& member : value.members) {
    const std::string place = where + "/" + member.key;
    const json::Value* known = properties == nullptr ? nullptr : properties->find(member.key);
    if (known == nullptr && others != nullptr && others->is_object()) known = others;
    if (known != nullptr) {
      wrong += mismatches(member.value, *known, root, place);
    } else if (properties != nullptr && (others == nullptr || !others->boolean)) {
      wrong += place + " is not described\n";
    }
  }
  return wrong;
}

std::string out_of_range(const json::Value& value, const json::Value& schema, const std::string& where) {
  const auto number = json::to_double(value.text).value_or(0);
  const json::Value* min = schema.find("minimum");
  const json::Value* max = schema.find("maximum");
  const bool fits = (min == nullptr || number >= json::to_double(min->text)) &&
                    (max == nullptr || number <= json::to_double(max->text));
  return fits ? "" : where + " is out of range\n";
}

}  // namespace

const json::Value* at_pointer(const json::Value& root, std::string_view pointer) {
  const json::Value* value = &root;
  while (value != nullptr && !pointer.empty()) {
    pointer.remove_prefix(1);
    const auto end = std::min(pointer.find('/'), pointer.size());
    const std::string key =
        airouter::text::replaced(airouter::text::replaced(pointer.substr(0, end), "~1", "/"), "~0", "~");
    value = value->find(key);
    pointer.remove_prefix(end);
  }
  return value;
}

std::string mismatches(const json::Value& value, const json::Value& schema, const json::Value& root,
                       const std::string& where) {
  static constexpr std::array known{"$ref"sv,       "type"sv,        "enum"sv,   "required"sv,
                                    "properties"sv, "items"sv,       "anyOf"sv,  "additionalProperties"sv,
                                    "minimum"sv,    "description"sv, "maximum"sv};
  for (const json::Member& member : schema.members)
    if (std::find(known.begin(), known.end(), member.key) == known.end())
      throw std::logic_error("unknown keyword of JSON Schema: " + member.key);
  if (const json::Value* reference = schema.find("$ref")) {
    const json::Value* target = at_pointer(root, std::string_view(reference->text).substr(1));
    if (target == nullptr) throw std::logic_error("nothing is at " + reference->text);
    return mismatches(value, *target, root, where);
  }
  std::string wrong;
  if (const json::Value* choices = schema.find("anyOf")) {
    const bool fits = std::any_of(
        choices->items.begin(), choices->items.end(),
        [&](const json::Value& choice) { return mismatches(value, choice, root, where).empty(); });
    if (!fits) wrong += where + " is none of what it can be\n";
  }
  if (const json::Value* type = schema.find("type")) wrong += wrong_type(value, *type, where);
  if (const json::Value* list = schema.find("enum"); list != nullptr && !is_one_of(value, *list))
    wrong += where + " is " + value.text + ", which is not in its list\n";
  if (value.is_object()) wrong += wrong_members(value, schema, root, where);
  if (value.is_number()) wrong += out_of_range(value, schema, where);
  if (const json::Value* items = schema.find("items"); items != nullptr && value.is_array())
    for (std::size_t i = 0; i < value.items.size(); ++i)
      wrong += mismatches(value.items[i], *items, root, where + "/" + std::to_string(i));
  return wrong;
}
