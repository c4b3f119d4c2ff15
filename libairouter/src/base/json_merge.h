#pragma once

#include "base/json_edit.h"

// Edits of whole values by the fewest splices of json_edit.h, so that what is the same before and after keeps
// its bytes. Beyond 64 changed members of one object or list, that object or list is written anew.
namespace airouter::json {

// Whether both mean the same: the order of members and the spelling of numbers and strings do not count.
bool is_same(const Value& a, const Value& b) noexcept;

// `text` with `value` at `path`, wherever with_value could put it.
std::optional<std::string> assigned(std::string_view text, const Path& path, std::string_view value);

// `text` with a merge patch applied at `path` (RFC 7396): members of the patch replace those of the same
// name, null removes them, objects are merged, everything else is replaced.
std::optional<std::string> merged(std::string_view text, const Path& path, std::string_view patch);

}  // namespace airouter::json
