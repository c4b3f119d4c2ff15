#include "engine/retry_after.h"

#include <algorithm>
#include <string_view>

#include "base/limits.h"
#include "base/text.h"
#include "engine/http_date.h"

namespace airouter::engine {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds longest = limits::retry_after_honored_max;

// Digits, and maybe a fraction, of which three digits count. Numbers without end are as good as the longest
// time.
std::optional<milliseconds> read_number(std::string_view text, milliseconds unit) {
  const std::size_t point = std::min(text.find('.'), text.size());
  const std::string_view whole = text.substr(0, point);
  const std::string_view fraction = point < text.size() ? text.substr(point + 1) : "0";
  const auto is_digits = [](std::string_view s) {
    return !s.empty() && s.find_first_not_of("0123456789") == std::string_view::npos;
  };
  if (!is_digits(whole) || !is_digits(fraction)) return std::nullopt;
  std::int64_t thousandths = 0;
  for (const char c : whole)
    thousandths = std::min<std::int64_t>(thousandths * 10 + (c - '0'), longest.count());
  for (std::size_t i = 0; i < 3; ++i)
    thousandths = thousandths * 10 + (i < fraction.size() ? fraction[i] - '0' : 0);
  return milliseconds{thousandths * unit.count() / 1000};
}

std::chrono::seconds clamped(milliseconds wait) {
  using std::chrono::seconds;
  return std::clamp(std::chrono::ceil<seconds>(wait), seconds{1}, limits::retry_after_honored_max);
}

std::optional<milliseconds> read_seconds_or_date(std::string_view value,
                                                 std::chrono::system_clock::time_point now) {
  if (const auto number = read_number(value, std::chrono::seconds{1})) return number;
  const auto date = parse_http_date(value, now);
  if (!date) return std::nullopt;
  // In seconds: the nanoseconds of a far date would not fit.
  return std::max(*date - std::chrono::floor<std::chrono::seconds>(now), std::chrono::seconds{0});
}

}  // namespace

std::optional<std::chrono::seconds> retry_after(const Headers& headers,
                                                std::chrono::system_clock::time_point now) {
  std::optional<milliseconds> exact, coarse;
  for (const auto& [name, value] : headers) {
    const std::string_view trimmed = text::trim(value);
    if (!exact && text::equals_ignoring_case(name, "retry-after-ms"))
      exact = read_number(trimmed, milliseconds{1});
    if (!coarse && text::equals_ignoring_case(name, "retry-after"))
      coarse = read_seconds_or_date(trimmed, now);
  }
  if (!exact) exact = coarse;
  return exact ? std::optional(clamped(*exact)) : std::nullopt;
}

}  // namespace airouter::engine
