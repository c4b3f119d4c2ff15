#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "admin/request.h"

namespace airouterd::admin {

// Nobody reads more, and every page shows it.
inline constexpr std::size_t name_bytes_max = 128;

// Why a name that a person chose cannot be shown safely; nothing: it can. Names may hold any character that
// stands in a line of text, but none that ends the line, changes its direction, or shows nothing.
std::optional<Sentence> name_problem(std::string_view name);

}  // namespace airouterd::admin
