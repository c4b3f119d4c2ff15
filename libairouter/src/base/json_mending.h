#pragma once

#include <optional>
#include <string>
#include <string_view>

// RapidJSON 1.1 refuses some valid JSON. Its text is rewritten before it is parsed, byte for byte of the same
// length, so that every offset stays one into the original.
namespace airouter::json {

// Escaped lone surrogates become \uFFFD, and exponents too large for a double become zero; the original
// digits are what a handler gets. Nothing if there is nothing to mend. The text need not be valid.
std::optional<std::string> mended_json(std::string_view text);

// A byte order mark at the start becomes blanks. Nothing if there is none.
std::optional<std::string> without_byte_order_mark(std::string_view text);

}  // namespace airouter::json
