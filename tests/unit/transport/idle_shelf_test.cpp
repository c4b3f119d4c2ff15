#include "transport/idle_shelf.h"

#include <chrono>
#include <memory>
#include <string>

#include "support/catch.h"

namespace {

using airouter::TimePoint;
using airouter::transport::IdleShelf;
using airouter::transport::PeakGauge;
using namespace std::chrono_literals;

constexpr TimePoint start{100s};

std::string names(const std::vector<std::string>& items) {
  std::string all;
  for (const auto& item : items)
    all += item + " ";
  return all;
}

}  // namespace

TEST_CASE("a peak is remembered for half a window to a whole one", "[transport]") {
  PeakGauge gauge;
  gauge.add(3, start);
  gauge.add(-2, start);
  CHECK(gauge.peak(start + 14s) == 3);
  CHECK(gauge.peak(start + 16s) == 3);
  CHECK(gauge.peak(start + 32s) == 1);
  gauge.add(-1, start + 33s);
  CHECK(gauge.peak(start + 100s) == 0);
}

TEST_CASE("a peak is forgotten when nothing happens for a whole window", "[transport]") {
  PeakGauge gauge;
  gauge.add(3, start);
  gauge.add(-3, start);
  CHECK(gauge.peak(start + 31s) == 0);
}

TEST_CASE("the warmest idle one is taken first, each origin for itself", "[transport]") {
  IdleShelf<std::string> shelf({256, 1024, 90s});
  for (int i = 0; i < 3; ++i)
    shelf.begin("a", start);
  CHECK(names(shelf.put("a", "1", start)).empty());
  CHECK(names(shelf.put("a", "2", start)).empty());
  CHECK_FALSE(shelf.take("b"));
  CHECK(shelf.take("a") == "2");
  CHECK(shelf.take("a") == "1");
  CHECK_FALSE(shelf.take("a"));
}

TEST_CASE("all idle ones can be given up at once, those in flight are still counted", "[transport]") {
  IdleShelf<std::string> shelf({256, 1024, 90s});
  for (int i = 0; i < 3; ++i)
    shelf.begin(i < 2 ? "a" : "b", start);
  shelf.put("a", "1", start);
  shelf.put("b", "2", start);
  CHECK(names(shelf.clear()) == "1 2 ");
  CHECK(shelf.size() == 0);
  CHECK_FALSE(shelf.take("a"));
  CHECK(names(shelf.put("a", "3", start)).empty());
  CHECK(shelf.take("a") == "3");
}

TEST_CASE("no more are kept than were in flight lately, and one at least", "[transport]") {
  IdleShelf<std::string> shelf({256, 1024, 900s});
  for (int i = 0; i < 3; ++i)
    shelf.begin("a", start);
  shelf.put("a", "1", start);
  shelf.put("a", "2", start);
  shelf.put("a", "3", start);
  CHECK(shelf.size() == 3);
  shelf.begin("a", start + 60s);
  CHECK(shelf.take("a") == "3");
  CHECK(names(shelf.put("a", "3", start + 60s)) == "1 2 ");
  CHECK(shelf.size() == 1);
}

TEST_CASE("an idle one grows old", "[transport]") {
  IdleShelf<std::string> shelf({256, 1024, 90s});
  shelf.begin("a", start);
  shelf.put("a", "1", start);
  shelf.begin("b", start + 91s);
  CHECK(names(shelf.put("b", "2", start + 91s)) == "1 ");
}

TEST_CASE("idle ones are bounded per origin and in all", "[transport]") {
  IdleShelf<std::string> shelf({2, 3, 90s});
  for (const auto* origin : {"a", "b", "c"})
    for (int i = 0; i < 3; ++i)
      shelf.begin(origin, start);
  std::string dropped;
  for (const auto* item : {"a1", "a2", "a3"})
    dropped += names(shelf.put("a", item, start));
  for (const auto* item : {"b1", "b2"})
    dropped += names(shelf.put("b", item, start));
  CHECK(dropped == "a1 b2 ");
  CHECK(shelf.size() == 3);
}

TEST_CASE("a shelf holds what can only be moved", "[transport]") {
  IdleShelf<std::unique_ptr<int>> shelf({2, 3, 90s});
  shelf.begin("a", start);
  CHECK(shelf.put("a", std::make_unique<int>(7), start).empty());
  CHECK(**shelf.take("a") == 7);
  shelf.begin("a", start);
  shelf.finish("a", start);
}
