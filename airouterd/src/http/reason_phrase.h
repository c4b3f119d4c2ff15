#pragma once

#include <string_view>

namespace airouterd::http {

// What stands after a status code. Never empty: unknown codes get their class's name.
std::string_view reason_phrase(int status) noexcept;

}  // namespace airouterd::http
