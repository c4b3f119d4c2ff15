#pragma once

#include <string>
#include <string_view>

#include "base/json.h"

namespace airouter::json {

// How a JSON text is laid out, as far as what is put into it has to follow.
struct Layout {
  std::string line_end = "\n";
  std::string unit = "  ";   // one step of indentation
  std::string colon = ": ";  // between a key and its value
  std::string comma = ", ";  // between values of one line
  bool has_lines = false;    // false: all of it stands in one line
};

Layout layout_of(std::string_view text, const Value& root);

// `value`, which was parsed from `source`, laid out for a line that is indented by `indent`. Objects, and
// lists that hold any, take a line for each member if `spread`. Comments are left out.
std::string lay_out(const Value& value, std::string_view source, const Layout& layout,
                    const std::string& indent, bool spread);

}  // namespace airouter::json
