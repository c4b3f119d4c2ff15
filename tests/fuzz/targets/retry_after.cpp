// Header lines that may say how long to wait. Claims:
// - whatever they say, the wait is 1 s to 1 h, or there is none;
// - neither the case of a name nor blanks around a value matter, and fields of other names do not;
// - numbers of seconds and milliseconds mean what another reader makes of them;
// - a date in any of the three forms means the time until then.
#include "engine/retry_after.h"

#include <algorithm>
#include <chrono>
#include <ctime>

#include <airouter/transport.h>

#include "base/text.h"
#include "fuzz.h"

using airouter::Headers;
using airouter::engine::retry_after;
using std::chrono::seconds;

namespace {

constexpr std::int64_t longest = 3600;
const std::chrono::sys_seconds new_year =
    std::chrono::sys_days{std::chrono::year{2025} / std::chrono::January / 1};

std::int64_t wait_of(const Headers& headers) {
  const auto wait = retry_after(headers, new_year);
  return wait ? wait->count() : -1;
}

Headers read_headers(std::string_view lines) {
  Headers headers;
  while (!lines.empty()) {
    const std::string_view line = fuzz::take_line(lines);
    const std::size_t colon = std::min(line.find(':'), line.size());
    headers.emplace_back(line.substr(0, colon), line.substr(std::min(colon + 1, line.size())));
  }
  return headers;
}

// Digits that are few enough for a plain number.
bool is_short_number(std::string_view s) {
  return !s.empty() && s.size() <= 9 && s.find_first_not_of("0123456789") == std::string_view::npos;
}

void check_numbers(std::string_view value) {
  const std::int64_t number = std::stoll(std::string(value));
  const std::string text(value);
  fuzz::claim(wait_of({{"retry-after", text}}) == std::clamp<std::int64_t>(number, 1, longest),
              "a number of seconds means that", text);
  fuzz::claim(
      wait_of({{"retry-after-ms", text}}) == std::clamp<std::int64_t>((number + 999) / 1000, 1, longest),
      "a number of milliseconds is rounded up", text);
  fuzz::claim(
      wait_of({{"retry-after", "5"}, {"retry-after-ms", text}}) == wait_of({{"retry-after-ms", text}}),
      "milliseconds go before seconds", text);
}

void check_dates(std::int64_t ahead) {
  const std::time_t then = (new_year + seconds(ahead)).time_since_epoch().count();
  std::tm parts{};
  ::gmtime_r(&then, &parts);
  for (const char* form :
       {"%a, %d %b %Y %H:%M:%S GMT", "%A, %d-%b-%y %H:%M:%S GMT", "%a %b %e %H:%M:%S %Y"}) {
    char text[64] = "";
    std::strftime(text, sizeof text, form, &parts);
    fuzz::claim(wait_of({{"Retry-After", text}}) == std::clamp<std::int64_t>(ahead, 1, longest),
                "a date means the time until then", text);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view lines = fuzz::text_of(data, size);
  const Headers headers = read_headers(lines);
  const std::int64_t wait = wait_of(headers);
  fuzz::claim(wait == -1 || (wait >= 1 && wait <= longest), "a wait is 1 s to 1 h", std::to_string(wait));

  Headers disguised;
  for (const auto& [name, value] : headers) {
    std::string upper = name;
    for (char& c : upper)
      if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    disguised.emplace_back("x-" + name, "7");
    disguised.emplace_back(upper, " \t" + value + " ");
  }
  fuzz::claim(wait_of(disguised) == wait, "a disguise changes nothing", std::to_string(wait));

  for (const auto& header : headers) {
    const std::string_view value = airouter::text::trim(header.second);
    if (is_short_number(value)) check_numbers(value);
  }
  // Some years ahead and behind; half of the time within the hour.
  const std::uint64_t hash = fuzz::hash_of(lines);
  const std::uint64_t range = (hash & 1) != 0 ? 2 * longest : std::uint64_t{40} * 365 * 86400;
  check_dates(static_cast<std::int64_t>(hash / 2 % range) - static_cast<std::int64_t>(range / 4));
  return 0;
}
