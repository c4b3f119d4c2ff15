#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/json.h"

namespace airouter::protocol {

// `text` with every place replaced by `replacement`, which is JSON text, and all other bytes as they came.
// Places are in order and do not overlap; one that breaks this, or lies outside, is left alone.
std::string splice(std::string_view text, std::span<const json::Span> places, std::string_view replacement);

// The same, at the end of `out`.
void append_spliced(std::string& out, std::string_view text, std::span<const json::Span> places,
                    std::string_view replacement);

// Whether every place reads `replacement` already.
bool reads(std::string_view text, std::span<const json::Span> places, std::string_view replacement) noexcept;

}  // namespace airouter::protocol
