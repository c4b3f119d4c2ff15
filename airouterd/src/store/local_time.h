#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// Time as records have it, and as clocks on the wall show it.
namespace airouterd::store {

using Microseconds = std::int64_t;  // since 1970, in UTC

// A day of the calendar, as the number 20261231.
using Day = int;

struct LocalTime {
  Day day = 0;
  int hour = 0, minute = 0, second = 0;
};

// Tells local time. Used by one thread. Asking the system's time zone takes a lock and long: it is asked once
// for each quarter of an hour, within which no zone changes.
class LocalClock {
 public:
  LocalTime at(Microseconds time);

 private:
  std::int64_t quarter_ = -1;
  LocalTime begin_{};
};

// "2026-12-31"
std::string to_text(Day day);

// "2026-12-31 23:59:59"
void append_text(std::string& to, const LocalTime& time);

// Of "2026-12-31", and only of days that there are.
std::optional<Day> day_of(std::string_view text) noexcept;

Day days_before(Day day, int days) noexcept;

}  // namespace airouterd::store
