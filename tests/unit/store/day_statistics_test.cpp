// What is counted of a day.
#include "store/day_statistics.h"

#include <string>
#include <vector>

#include "store/latency_histogram.h"
#include "store/log_scanner.h"
#include "support/catch.h"
#include "support/log_lines.h"

using namespace airouterd::store;
using namespace log_lines;

namespace {

struct Counted {
  DayStatistics day{};
  LineScanner scanner{};

  void add(const LogEntry& entry, int hour = 7) {
    std::string line;
    append_line(line, entry, {20261118, hour, 0, 0});
    const ScannedLine* scanned = scanner.scan(line);
    REQUIRE(scanned != nullptr);
    day.add(*scanned);
  }
};

LogEntry ended(LogResult result) {
  LogEntry entry = answered(1'795'000'000'000'000);
  entry.result = result;
  const bool is_answer = result == LogResult::ok || result == LogResult::rescued;
  entry.type = is_answer ? LogType::response : LogType::error;
  return entry;
}

}  // namespace

TEST_CASE("each request is counted once, by how it ended", "[log]") {
  Counted counted;
  for (const LogResult result : {LogResult::ok, LogResult::ok, LogResult::rescued, LogResult::failed,
                                 LogResult::cancelled, LogResult::refused})
    counted.add(ended(result));
  LogEntry accepted = ended(LogResult::none);
  accepted.type = LogType::request;
  counted.add(accepted);
  accepted.type = LogType::system;
  counted.add(accepted);

  const auto total = counted.day.total();
  CHECK(total.ok == 2);
  CHECK(total.rescued == 1);
  CHECK(total.failed == 1);
  CHECK(total.cancelled == 1);
  CHECK(total.requests() == 5);
  CHECK(counted.day.refused() == 1);
  CHECK(counted.day.hours()[7].requests() == 5);
  CHECK(counted.day.models().at("m1")[7] == 5);
  CHECK(counted.day.answered_by().at("p1") == 3);  // only who answered
  CHECK(counted.day.keys().at("k1").requests == 5);
}

TEST_CASE("tokens that nobody told are not none", "[log]") {
  Counted counted;
  LogEntry entry = ended(LogResult::ok);
  counted.add(entry);
  CHECK(counted.day.total().tokens.reports == 0);
  entry.input_tokens = 0;
  entry.output_tokens = 0;
  counted.add(entry);
  CHECK(counted.day.total().tokens.reports == 1);
  entry.input_tokens = 10;
  entry.output_tokens = 5;
  counted.add(entry);
  CHECK(counted.day.total().tokens.input == 10);
  CHECK(counted.day.total().tokens.output == 5);
  CHECK(counted.day.keys().at("k1").tokens == 15);
}

TEST_CASE("attempts are counted at their providers, those that say nothing about them are not", "[log]") {
  using airouter::FailureKind;
  Counted counted;
  LogEntry entry = ended(LogResult::rescued);
  const std::vector attempts{attempt("a", FailureKind::rate_limited), attempt("a", FailureKind::cancelled),
                             attempt("a", FailureKind::request_rejected), attempt("b")};
  entry.attempts = attempts;
  counted.add(entry, 23);
  CHECK(counted.day.providers().at("a")[23].failed == 1);
  CHECK(counted.day.providers().at("a")[23].ok == 0);
  CHECK(counted.day.providers().at("b")[23].ok == 1);
}

TEST_CASE("names that clients make up do not fill the memory", "[log]") {
  Counted counted;
  for (int i = 0; i < 1500; ++i) {
    const std::string name = "model-" + std::to_string(i);
    LogEntry entry = ended(LogResult::failed);
    entry.model = name;
    counted.add(entry);
  }
  CHECK(counted.day.models().size() == 1025);
  CHECK(counted.day.models().at("(others)")[7] == 476);
}

TEST_CASE("percentiles need twenty of them, and are right to a twentieth", "[log]") {
  LatencyHistogram histogram;
  for (int i = 1; i <= 19; ++i)
    histogram.add(100);
  CHECK(!histogram.percentile(0.5));
  LatencyHistogram wide;
  for (int i = 1; i <= 1000; ++i)
    wide.add(i);
  for (const double share : {0.1, 0.5, 0.95}) {
    CAPTURE(share);
    CHECK(static_cast<double>(wide.percentile(share).value_or(0)) == Approx(share * 1000).epsilon(0.05));
  }
  histogram.add(wide);
  CHECK(histogram.count() == 1019);
  LatencyHistogram extreme;
  for (int i = 0; i < 20; ++i)
    extreme.add(i % 2 == 0 ? 0 : 1'000'000'000'000);
  CHECK(extreme.percentile(0.25).value_or(0) <= 2);
  CHECK(extreme.percentile(0.95).value_or(0) > 3'600'000);
}
