#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"

// Edits of JSON with comments that change the bytes of what is edited and no others: order, unknown members,
// the spelling of numbers, comments, indentation, line ends and a byte order mark stay as they were. What is
// put in is laid out as its neighbours are.
//
// All of them answer nothing if `text` or `value` is no JSON, or the path leads nowhere.
namespace airouter::json {

// From the root: names of members, indices of items as decimal numbers. Of members that an object has twice,
// the last one counts, as in Value::find.
using Path = std::vector<std::string>;

// What the path leads to, or null.
const Value* find(const Value& root, const Path& path) noexcept;

// The value at `path` replaced; if only the object is there that would hold it, inserted as its last member;
// if the index is the number of items of a list, appended. `value` is JSON.
std::optional<std::string> with_value(std::string_view text, const Path& path, std::string_view value);

// Without the value at `path`, its name, its comma, the comments in its line, and those in lines of their own
// right above it. Every member of the name goes, if there are several.
std::optional<std::string> without(std::string_view text, const Path& path);

}  // namespace airouter::json
