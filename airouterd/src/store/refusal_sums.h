#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "store/local_time.h"
#include "store/log_event.h"

namespace airouterd::store {

// Whoever knocks again and again with a wrong key must not fill the log: the first refusals of an address in
// a minute are told one by one, and what follows is counted and told as one when the minute is over. Bounded,
// whatever comes from however many addresses. Thread-safe.
class RefusalSums {
 public:
  static constexpr int told_of_address_max = 10, told_max = 100;  // in a minute
  static constexpr std::size_t addresses_max = 256;               // the others are counted as one

  struct Sum {
    RequestRefused last{};  // without an address: of several
    std::int64_t count = 0;
  };

  // Whether this one is to be told by itself. If not, it is counted here.
  bool admits(const RequestRefused& refused, Microseconds time);

  // The sums of minutes that are over. Each is given once.
  std::vector<Sum> take(Microseconds time);

  // Those of the minute that goes on, too.
  std::vector<Sum> take_all();

 private:
  struct Seen {
    int told = 0;
    Sum sum{};
  };
  void end_minute();

  // guarded by mutex_
  std::mutex mutex_{};
  std::int64_t minute_ = 0;
  int told_ = 0;
  std::map<std::string, Seen> seen_{};  // by address and kind
  std::vector<Sum> over_{};
};

}  // namespace airouterd::store
