#include <algorithm>

#include <airouter/config.h>

#include "config/key_source.h"

namespace airouter {
namespace {

constexpr std::size_t masked_whole_under = 12;
constexpr std::size_t shown_at_start = 3;
constexpr std::size_t shown_at_end = 4;

}  // namespace

std::string Secret::masked() const {
  if (config::names_a_source(written_)) return written_;
  if (value_.empty()) return {};
  // Bytes of a broken key could be half a character, or worse, on the terminal.
  const bool is_plain =
      std::all_of(value_.begin(), value_.end(), [](char c) { return c > 0x20 && c < 0x7F; });
  if (value_.size() < masked_whole_under || !is_plain) return "***";
  return value_.substr(0, shown_at_start) + "…" + value_.substr(value_.size() - shown_at_end);
}

}  // namespace airouter
