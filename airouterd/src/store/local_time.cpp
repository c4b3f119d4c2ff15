#include "store/local_time.h"

#include <charconv>
#include <chrono>
#include <ctime>

#include <fmt/format.h>

namespace airouterd::store {
namespace {

constexpr std::int64_t quarter_seconds = 900;

LocalTime ask_system(std::int64_t seconds) {
  const auto time = static_cast<std::time_t>(seconds);
  std::tm local{};
  ::localtime_r(&time, &local);
  return {(local.tm_year + 1900) * 10'000 + (local.tm_mon + 1) * 100 + local.tm_mday, local.tm_hour,
          local.tm_min, local.tm_sec};
}

std::chrono::year_month_day calendar(Day day) noexcept {
  return {std::chrono::year(day / 10'000), std::chrono::month(static_cast<unsigned>(day / 100 % 100)),
          std::chrono::day(static_cast<unsigned>(day % 100))};
}

void append_two_digits(std::string& to, int number) {
  to += static_cast<char>('0' + number / 10 % 10);
  to += static_cast<char>('0' + number % 10);
}

}  // namespace

LocalTime LocalClock::at(Microseconds time) {
  const std::int64_t seconds = time / 1'000'000;
  const std::int64_t quarter = seconds / quarter_seconds;
  if (quarter != quarter_) {
    begin_ = ask_system(quarter * quarter_seconds);
    quarter_ = quarter;
  }
  const int into_hour =
      begin_.minute * 60 + begin_.second + static_cast<int>(seconds - quarter * quarter_seconds);
  if (into_hour >= 3600) return ask_system(seconds);
  return {begin_.day, begin_.hour, into_hour / 60, into_hour % 60};
}

std::string to_text(Day day) {
  return fmt::format("{:04}-{:02}-{:02}", day / 10'000, day / 100 % 100, day % 100);
}

void append_text(std::string& to, const LocalTime& time) {
  append_two_digits(to, time.day / 1'000'000);
  append_two_digits(to, time.day / 10'000 % 100);
  to += '-';
  append_two_digits(to, time.day / 100 % 100);
  to += '-';
  append_two_digits(to, time.day % 100);
  to += ' ';
  append_two_digits(to, time.hour);
  to += ':';
  append_two_digits(to, time.minute);
  to += ':';
  append_two_digits(to, time.second);
}

std::optional<Day> day_of(std::string_view text) noexcept {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
  Day day = 0;
  for (const auto& [from, digits] : {std::pair(0, 4), std::pair(5, 2), std::pair(8, 2)}) {
    for (const char c : text.substr(static_cast<std::size_t>(from), static_cast<std::size_t>(digits))) {
      if (c < '0' || c > '9') return std::nullopt;
      day = day * 10 + (c - '0');
    }
  }
  return calendar(day).ok() ? std::optional(day) : std::nullopt;
}

Day days_before(Day day, int days) noexcept {
  const std::chrono::year_month_day before = std::chrono::sys_days(calendar(day)) - std::chrono::days(days);
  return static_cast<int>(before.year()) * 10'000 +
         static_cast<int>(static_cast<unsigned>(before.month())) * 100 +
         static_cast<int>(static_cast<unsigned>(before.day()));
}

}  // namespace airouterd::store
