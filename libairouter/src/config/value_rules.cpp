#include "config/value_rules.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/limits.h"
#include "base/text.h"

namespace airouter::config {
namespace {

// The head of a request must stay under what providers accept, which is 8 KiB in the strictest servers.
constexpr std::size_t key_bytes_max = 8192;

bool is_control(char c) noexcept {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
}

// Names stand in headers, logs and terminals.
std::string_view text_problem(std::string_view s, std::size_t bytes_max) noexcept {
  if (text::trim(s).empty()) return s.empty() ? "nothing" : "only blanks";
  if (s.size() > bytes_max) return "a longer one";
  if (std::any_of(s.begin(), s.end(), is_control)) return "a control character";
  return text::is_valid_utf8(s) ? "" : "half a surrogate pair, which is no character";
}

}  // namespace

bool is_in(int value, WholeRange range) noexcept {
  return value >= range.min && value <= range.max;
}

bool is_in(double value, FactorRange range) noexcept {
  return value >= range.min && value <= range.max;
}

bool is_in(std::chrono::milliseconds value, SecondsRange range) noexcept {
  return value.count() >= range.ms_min && value.count() <= range.ms_max;
}

std::string allowed(WholeRange range) {
  return fmt::format("a whole number from {} to {}", range.min, range.max);
}

std::string allowed(FactorRange range) {
  return fmt::format("a number from {} to {}", range.min, range.max);
}

std::string allowed(SecondsRange range) {
  return fmt::format("a number of seconds from {} to {}", range.ms_min / 1000.0, range.ms_max / 1000);
}

std::string shown(int value) {
  return std::to_string(value);
}

std::string shown(double value) {
  return fmt::format("{}", value);
}

std::string shown(std::chrono::milliseconds value) {
  const auto ms = value.count();
  return ms % 1000 == 0 ? std::to_string(ms / 1000) : fmt::format("{}", static_cast<double>(ms) / 1000);
}

std::string mismatch(std::string_view found, std::string_view allowed) {
  return fmt::format("found {}; allowed is {}", found, allowed);
}

std::string_view key_problem(std::string_view key) noexcept {
  if (key.size() > key_bytes_max) return "a longer one";
  if (key != text::trim(key)) return "a blank or line end at its beginning or end";
  if (std::any_of(key.begin(), key.end(), is_control)) return "a control character";
  const auto is_visible = [](char c) { return c > 0x20 && c < 0x7F; };
  return std::all_of(key.begin(), key.end(), is_visible) ? "" : "a blank, or a character that is not ASCII";
}

std::string_view name_problem(std::string_view name) noexcept {
  return text_problem(name, limits::provider_name_bytes_max);
}

std::string_view model_problem(std::string_view name) noexcept {
  return text_problem(name, limits::model_name_bytes_max);
}

}  // namespace airouter::config
