#include "config/config_reader.h"

#include <cmath>
#include <limits>
#include <unordered_set>

#include <fmt/format.h>

#include "base/text.h"

namespace airouter::config {
namespace {

constexpr std::size_t shown_bytes_max = 40;
constexpr std::size_t key_compared_bytes_max = 64;

// Texts are never shown: a key may have been pasted anywhere.
std::string found(const json::Value& value) {
  switch (value.kind) {
    case json::Kind::null:
      return "null";
    case json::Kind::boolean:
      return value.boolean ? "true" : "false";
    case json::Kind::number:
      return text::shortened(value.text, shown_bytes_max);
    case json::Kind::string:
      return "a string";
    case json::Kind::array:
      return "a list";
    case json::Kind::object:
      break;
  }
  return "an object";
}

// A number too large for a double is infinite, which no range includes.
std::optional<double> number(const json::Value& value) {
  if (!value.is_number()) return std::nullopt;
  return json::to_double(value.text).value_or(std::numeric_limits<double>::infinity());
}

bool is_whole(const json::Value& value) {
  const auto amount = number(value);
  return amount && std::isfinite(*amount) && std::trunc(*amount) == *amount;
}

// The types of a KeySpec.
struct Type {
  std::string_view name, allowed;
  bool (*holds)(const json::Value&);
};
constexpr Type types[] = {
    {"string", "a string", [](const json::Value& v) { return v.is_string(); }},
    {"integer", "a whole number", is_whole},
    {"number", "a number", [](const json::Value& v) { return v.is_number(); }},
    {"boolean", "true or false", [](const json::Value& v) { return v.kind == json::Kind::boolean; }},
    {"array", "a list", [](const json::Value& v) { return v.is_array(); }},
    {"object", "an object", [](const json::Value& v) { return v.is_object(); }},
};

}  // namespace

void Reader::mismatch(const json::Value& value, std::string_view allowed) {
  findings_.fatal(config::mismatch(found(value), allowed));
}

std::optional<bool> Reader::boolean(const json::Value& value) {
  if (value.kind == json::Kind::boolean) return value.boolean;
  mismatch(value, "true or false");
  return std::nullopt;
}

std::optional<int> Reader::whole(const json::Value& value, WholeRange range) {
  const auto amount = number(value);
  const bool fits = is_whole(value) && *amount >= range.min && *amount <= range.max;
  if (fits) return static_cast<int>(*amount);
  mismatch(value, allowed(range));
  return std::nullopt;
}

std::optional<double> Reader::factor(const json::Value& value, FactorRange range) {
  const auto amount = number(value);
  if (amount && is_in(*amount, range)) return amount;
  mismatch(value, allowed(range));
  return std::nullopt;
}

std::optional<std::chrono::milliseconds> Reader::seconds(const json::Value& value, SecondsRange range) {
  const auto amount = number(value);
  const double ms = amount.value_or(-1) * 1000;
  // Compared before rounding: a value just outside is outside.
  if (ms >= range.ms_min && ms <= range.ms_max) return std::chrono::milliseconds(std::llround(ms));
  mismatch(value, allowed(range));
  return std::nullopt;
}

std::optional<std::string> Reader::string(const json::Value& value) {
  if (value.is_string()) return value.text;
  mismatch(value, "a string");
  return std::nullopt;
}

std::vector<std::string> Reader::strings(const json::Value& list) {
  std::vector<std::string> out;
  if (!is_list(list)) return out;
  for (const json::Value& item : list.items) {
    const auto step = findings_.enter(out.size());
    out.push_back(string(item).value_or(""));
  }
  return out;
}

bool Reader::is_object(const json::Value& value) {
  if (!value.is_object()) mismatch(value, "an object");
  return value.is_object();
}

bool Reader::is_list(const json::Value& value) {
  if (!value.is_array()) mismatch(value, "a list");
  return value.is_array();
}

void Reader::find_duplicates(const json::Value& value) {
  std::unordered_set<std::string_view> seen;
  for (const json::Member& member : value.members) {
    const auto step = findings_.enter(member.key);
    if (!seen.insert(member.key).second) {
      ConfigProblem* problem = findings_.fatal("found this key a second time; allowed is once");
      if (problem != nullptr) document_.place(*problem, member.key_span.begin);
    }
    find_duplicates(member.value);
  }
  for (std::size_t i = 0; i < value.items.size(); ++i) {
    const auto step = findings_.enter(i);
    find_duplicates(value.items[i]);
  }
}

const KeySpec* Reader::spec_here() const {
  for (const KeySpec& spec : more_)
    if (spec.pointer == findings_.pointer()) return &spec;
  return nullptr;
}

void Reader::add_names_of_program(std::vector<std::string_view>& names) const {
  const std::string prefix = findings_.pointer() + "/";
  for (const KeySpec& spec : more_) {
    if (!spec.pointer.starts_with(prefix)) continue;
    const std::string_view rest = spec.pointer.substr(prefix.size());
    names.push_back(rest.substr(0, rest.find('/')));
  }
}

void Reader::check_other_members(const json::Value& object, std::vector<std::string_view> names) {
  const std::unordered_set<std::string_view> own(names.begin(), names.end());
  add_names_of_program(names);
  for (const json::Member& member : object.members)
    if (own.count(member.key) == 0) check_other_member(member, names);
}

void Reader::check_other_member(const json::Member& member, std::span<const std::string_view> names) {
  const auto step = findings_.enter(member.key);
  const KeySpec* spec = spec_here();
  std::vector<std::string_view> inner;
  add_names_of_program(inner);
  const bool is_program_object = !inner.empty() || (spec != nullptr && spec->type == "object");

  if (spec == nullptr && inner.empty()) {
    ConfigProblem* problem = findings_.warn("unknown key");
    if (problem == nullptr) return;
    document_.place(*problem, member.key_span.begin);
    // No known name is longer, and the search takes time with the product of both lengths.
    const bool is_short = member.key.size() <= key_compared_bytes_max;
    const std::string_view near = is_short ? text::nearest(member.key, names) : std::string_view{};
    if (!near.empty()) problem->message += fmt::format("; the nearest known one is \"{}\"", near);
  } else if (member.value.kind == json::Kind::null) {
    return;
  } else if (is_program_object) {
    if (is_object(member.value)) check_other_members(member.value, {});
  } else {
    for (const Type& type : types)
      if (type.name == spec->type && !type.holds(member.value)) mismatch(member.value, type.allowed);
  }
}

}  // namespace airouter::config
