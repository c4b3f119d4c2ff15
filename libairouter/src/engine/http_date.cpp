#include "engine/http_date.h"

#include <algorithm>

#include "base/text.h"

namespace airouter::engine {
namespace {

constexpr std::string_view months[] = {"jan", "feb", "mar", "apr", "may", "jun",
                                       "jul", "aug", "sep", "oct", "nov", "dec"};
constexpr std::string_view days[] = {"monday", "tuesday",  "wednesday", "thursday",
                                     "friday", "saturday", "sunday"};

struct Fields {
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;
};

// Reads `s` along `form`, where each letter stands for a character of a field: Y year, D day (a blank counts
// as 0), h m s the time, N the month's name; every other character stands for itself.
bool read(std::string_view form, std::string_view s, Fields& fields) {
  if (s.size() != form.size()) return false;
  const auto digit = [](int& field, char c) {
    field = field * 10 + (c - '0');
    return c >= '0' && c <= '9';
  };
  std::string month;
  for (std::size_t i = 0; i < form.size(); ++i) {
    const char c = s[i];
    bool fits = true;
    switch (form[i]) {
      case 'Y':
        fits = digit(fields.year, c);
        break;
      case 'D':
        fits = digit(fields.day, c == ' ' && fields.day == 0 ? '0' : c);
        break;
      case 'h':
        fits = digit(fields.hour, c);
        break;
      case 'm':
        fits = digit(fields.minute, c);
        break;
      case 's':
        fits = digit(fields.second, c);
        break;
      case 'N':
        month += text::lower(c);
        break;
      default:
        fits = text::lower(c) == text::lower(form[i]);
    }
    if (!fits) return false;
  }
  const auto* const found = std::find(std::begin(months), std::end(months), month);
  fields.month = static_cast<int>(found - std::begin(months)) + 1;
  return found != std::end(months);
}

bool is_day_name(std::string_view name, bool is_short) {
  return std::any_of(std::begin(days), std::end(days), [&](std::string_view day) {
    return text::equals_ignoring_case(name, is_short ? day.substr(0, 3) : day);
  });
}

std::optional<std::chrono::sys_seconds> to_time(const Fields& f) {
  using namespace std::chrono;
  const year_month_day date{year{f.year}, month{static_cast<unsigned>(f.month)},
                            day{static_cast<unsigned>(f.day)}};
  constexpr int leap_second = 60;
  if (!date.ok() || f.hour > 23 || f.minute > 59 || f.second > leap_second) return std::nullopt;
  return sys_days{date} + hours{f.hour} + minutes{f.minute} + seconds{f.second};
}

int current_year(std::chrono::system_clock::time_point now) {
  return static_cast<int>(std::chrono::year_month_day{std::chrono::floor<std::chrono::days>(now)}.year());
}

}  // namespace

std::optional<std::chrono::sys_seconds> parse_http_date(std::string_view text,
                                                        std::chrono::system_clock::time_point now) {
  const std::size_t name_end = std::min(text.find_first_of(", "), text.size());
  const std::string_view name = text.substr(0, name_end), rest = text.substr(name_end);
  Fields imf, rfc850, asctime;
  if (is_day_name(name, true)) {
    if (read(", DD NNN YYYY hh:mm:ss GMT", rest, imf)) return to_time(imf);
    if (read(" NNN DD hh:mm:ss YYYY", rest, asctime)) return to_time(asctime);
  }
  if (is_day_name(name, false) && read(", DD-NNN-YY hh:mm:ss GMT", rest, rfc850)) {
    constexpr int years_ahead_max = 50;
    const int year = current_year(now);
    rfc850.year += year / 100 * 100;
    if (rfc850.year > year + years_ahead_max) rfc850.year -= 100;
    return to_time(rfc850);
  }
  return std::nullopt;
}

}  // namespace airouter::engine
