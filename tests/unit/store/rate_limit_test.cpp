#include "store/rate_limit.h"

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "support/catch.h"

using namespace std::chrono_literals;
using airouterd::store::RateLimit;

namespace {

// "yes, 1 left, full in 2000 ms" or "no, wait 500 ms, full in 2000 ms"
std::string told(const RateLimit::Verdict& verdict) {
  const auto milliseconds = [](std::chrono::nanoseconds time) {
    return std::to_string(std::chrono::ceil<std::chrono::milliseconds>(time).count()) + " ms";
  };
  return (verdict.is_admitted ? "yes, " + std::to_string(verdict.remaining) + " left"
                              : "no, wait " + milliseconds(verdict.wait)) +
         ", full in " + milliseconds(verdict.full);
}

}  // namespace

TEST_CASE("a limit admits a minute's worth at once, then one for each step of time", "[keys][rate-limit]") {
  RateLimit limit;
  airouter::TimePoint now{1h};
  CHECK(told(limit.admit(3, now)) == "yes, 2 left, full in 20000 ms");
  CHECK(told(limit.admit(3, now)) == "yes, 1 left, full in 40000 ms");
  CHECK(told(limit.admit(3, now)) == "yes, 0 left, full in 60000 ms");
  CHECK(told(limit.admit(3, now)) == "no, wait 20000 ms, full in 60000 ms");
  now += 19'999ms;
  CHECK(told(limit.admit(3, now)) == "no, wait 1 ms, full in 40001 ms");
  now += 1ms;
  CHECK(told(limit.admit(3, now)) == "yes, 0 left, full in 60000 ms");
  CHECK(told(limit.admit(3, now)) == "no, wait 20000 ms, full in 60000 ms");  // refusals cost nothing
  now += 10min;
  CHECK(told(limit.admit(3, now)) == "yes, 2 left, full in 20000 ms");
}

TEST_CASE("every limit admits as many as it says, and no more", "[keys][rate-limit]") {
  for (const int per_minute : {1, 2, 7, 59, 60, 61, 1000, 99'999, RateLimit::per_minute_max}) {
    RateLimit limit;
    const airouter::TimePoint now{1h};
    int admitted = 0;
    while (limit.admit(per_minute, now).is_admitted)
      ++admitted;
    CHECK(admitted == per_minute);
    CHECK(limit.admit(per_minute, now).wait <= 60s);
    // Over an hour of asking all the time it is the burst and the rate.
    int later = 0;
    for (auto time = 0ms; time <= 1h && per_minute < 100; time += 50ms)
      later += limit.admit(per_minute, now + time).is_admitted ? 1 : 0;
    if (per_minute < 100) CHECK(later == 60 * per_minute);
  }
}

TEST_CASE("a limit that changes holds from the next request on", "[keys][rate-limit]") {
  RateLimit limit;
  airouter::TimePoint now{1h};
  for (int i = 0; i < 60; ++i)
    CHECK(limit.admit(60, now).is_admitted);
  CHECK(told(limit.admit(1, now)) == "no, wait 60000 ms, full in 60000 ms");
  CHECK(told(limit.admit(600, now)) == "no, wait 100 ms, full in 60000 ms");
  now += 60s;
  CHECK(told(limit.admit(1, now)) == "yes, 0 left, full in 60000 ms");
}

TEST_CASE("threads that ask side by side get no more than one would", "[keys][rate-limit]") {
  RateLimit limit;
  std::atomic<int> admitted{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int tries = 0; tries < 1000; ++tries)
        admitted += limit.admit(1000, airouter::TimePoint{1h}).is_admitted ? 1 : 0;
    });
  }
  for (std::thread& thread : threads)
    thread.join();
  CHECK(admitted == 1000);
}
