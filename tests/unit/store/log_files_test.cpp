// The files of the log: their names, their ages, and reading them in both directions.
#include <algorithm>
#include <string>
#include <vector>

#include "store/live_ring.h"
#include "store/local_time.h"
#include "store/log_archive.h"
#include "store/log_file_name.h"
#include "store/log_reader.h"
#include "store/text_finder.h"
#include "support/catch.h"
#include "support/temp_folder.h"

using namespace airouterd::store;

namespace {

std::string names(const std::vector<LogFileName>& files) {
  std::string text;
  for (const LogFileName& file : files)
    text += (text.empty() ? "" : " ") + file.text().substr(14);
  return text;
}

LiveItem record(Microseconds id) {
  return {id, true, LogType::response, std::make_shared<const std::string>(std::to_string(id)), 0, 0};
}

LiveItem finished_attempt(Microseconds id) {
  return {id, false, LogType::request, std::make_shared<const std::string>("attempt"), 0, 0};
}

// "7 8 9", in front of it "(3 missed)" or "(missed)".
std::string news_of(LiveRing::Watcher& watcher) {
  const auto news = watcher.take();
  std::string text;
  if (news.has_gap)
    text = news.missed_records == 0 ? "(missed)" : "(" + std::to_string(news.missed_records) + " missed)";
  for (const LiveItem& item : news.items)
    text += (text.empty() ? "" : " ") + *item.text;
  return text + (news.is_over ? " over" : "");
}

}  // namespace

TEST_CASE("only files of the log are taken for such", "[log]") {
  CHECK(LogFileName::parse("requests_2026-11-23.jsonl") == LogFileName{20261123, 0});
  CHECK(LogFileName::parse("requests_2026-11-23.12.jsonl") == LogFileName{20261123, 12});
  for (const char* other :
       {"requests_2026-11-23.jsonl.gz", "requests_2026-02-30.jsonl", "requests_2026-11-23.0.jsonl",
        "requests_2026-11-23.01.jsonl", "requests_2026-11-23.-1.jsonl", "requests_2026-11-23..jsonl",
        "requests_.jsonl", "xrequests_2026-11-23.jsonl", "requests_2026-11-23.1x.jsonl",
        "requests_2026-11-23", ""}) {
    CAPTURE(other);
    CHECK(!LogFileName::parse(other));
  }
}

TEST_CASE("old files go first, then those that are too much, today's never", "[log]") {
  const std::vector<LogFileInfo> files{{{20261120, 0}, 10}, {{20261121, 1}, 10}, {{20261121, 0}, 10},
                                       {{20261122, 0}, 10}, {{20261123, 1}, 10}, {{20261123, 0}, 50}};
  CHECK(names(log_files_to_remove(files, 20261123, 30, 1000)) == "");
  CHECK(names(log_files_to_remove(files, 20261123, 3, 1000)) == "11-20.jsonl" + std::string());
  CHECK(names(log_files_to_remove(files, 20261123, 1, 1000)) ==
        "11-20.jsonl 11-21.1.jsonl 11-21.jsonl 11-22.jsonl");
  CHECK(names(log_files_to_remove(files, 20261123, 30, 75)) == "11-20.jsonl 11-21.1.jsonl 11-21.jsonl");
  CHECK(names(log_files_to_remove(files, 20261123, 30, 1)) ==
        "11-20.jsonl 11-21.1.jsonl 11-21.jsonl 11-22.jsonl 11-23.1.jsonl");
  CHECK(days_before(20260301, 1) == 20260228);
  CHECK(days_before(20260101, 1) == 20251231);
}

TEST_CASE("a file that could not be put aside is put aside the next time", "[log]") {
  constexpr Day today = 20261123;
  constexpr std::uint64_t bytes_max = 100;
  const TempFolder folder;
  StatisticsBook book({});
  LogArchive archive({.folder = folder.file("")}, book);
  const std::string line(80, 'x');
  const LogArchive::Line entry{today, line, {}};
  REQUIRE(archive.write({&entry, 1}) == 1);
  const std::string in_the_way = folder.file("requests_2026-11-23.1.jsonl");
  std::filesystem::create_directory(in_the_way);
  archive.tidy(today, 30, bytes_max);
  CHECK(std::filesystem::is_directory(in_the_way));
  std::filesystem::remove(in_the_way);
  archive.tidy(today, 30, bytes_max);
  CHECK(std::filesystem::is_regular_file(in_the_way));
  CHECK_FALSE(std::filesystem::exists(folder.file("requests_2026-11-23.jsonl")));
}

TEST_CASE("lines are read alike forwards, backwards and one by one, whatever their length", "[log]") {
  const TempFolder folder;
  std::string text;
  std::vector<std::string> lines;
  for (int i = 0; i < 2000; ++i) {
    lines.push_back(std::string(static_cast<std::size_t>(i * 7919 % (i % 100 == 0 ? 300'000 : 900)), 'x') +
                    std::to_string(i));
    text += lines.back() + "\n";
  }
  const auto file = ReadableFile::open(folder.write("lines", text));
  REQUIRE(file);
  std::vector<std::string> forwards;
  std::vector<std::uint64_t> offsets;
  CHECK(for_each_line(*file, 0, file->bytes(), [&](std::string_view line, std::uint64_t offset) {
          forwards.emplace_back(line);
          offsets.push_back(offset);
        }) == text.size());
  CHECK(forwards == lines);
  std::vector<std::string> backwards;
  BackwardLines reader(*file, file->bytes());
  while (const auto line = reader.next())
    backwards.emplace_back(*line);
  std::reverse(backwards.begin(), backwards.end());
  CHECK(backwards == lines);
  LineWindow window;
  for (std::size_t i = lines.size(); i-- > 0;)
    REQUIRE(window.line_at(file, offsets[i]) == lines[i]);
  for (std::size_t i = 0; i < lines.size(); i += 37)
    REQUIRE(window.line_at(file, offsets[i]) == lines[i]);
  CHECK(window.line_at(file, text.size() + 5).empty());
}

TEST_CASE("a line that never ends is passed over", "[log]") {
  const TempFolder folder;
  const std::string text = "first\n" + std::string(3 * line_bytes_max, 'x') + "\nlast\n";
  const auto file = ReadableFile::open(folder.write("lines", text));
  REQUIRE(file);
  std::string first, last, backwards;
  for_each_line(*file, 0, file->bytes(), [&](std::string_view line, std::uint64_t) {
    if (first.empty()) first = line;
    last = line;
  });
  CHECK(first == "first");
  CHECK(last == "last");
  BackwardLines reader(*file, file->bytes());
  CHECK(reader.next() == "last");
  while (const auto line = reader.next())
    backwards = *line;
  CHECK(backwards == "first");
}

TEST_CASE("a text is found wherever it stands, letters in any case", "[log]") {
  const TextFinder finder("NeedLe-1");
  for (std::size_t before : {0u, 1u, 55u, 56u, 63u, 64u, 65u, 200u}) {
    const std::string text = std::string(before, 'n') + "needle-1" + std::string(before, 'e');
    CAPTURE(before);
    CHECK(finder.is_in(text));
    CHECK_FALSE(finder.is_in(std::string(before, 'n') + "needle-2" + std::string(before, 'e')));
  }
  CHECK_FALSE(finder.is_in("needle"));
  CHECK(TextFinder("").is_in("anything"));
  CHECK(TextFinder("x").is_in(std::string(100, 'a') + "X"));
  CHECK_FALSE(TextFinder("@").is_in(std::string(100, '`')));  // alike but for the bit that tells cases apart
  CHECK(TextFinder("限流").is_in("已被限流"));
}

TEST_CASE("who watches sees what happens, and those who are slow see a gap", "[log]") {
  LiveRing ring(5);
  CHECK_FALSE(ring.has_watchers());
  auto watcher = ring.watch(std::nullopt);
  REQUIRE(watcher);
  CHECK(ring.has_watchers());
  CHECK(news_of(*watcher) == "");
  ring.publish({record(1), finished_attempt(2), record(3)});
  CHECK(news_of(*watcher) == "1 attempt 3");
  CHECK(news_of(*watcher) == "");
  for (Microseconds id = 4; id <= 13; ++id)
    ring.publish({record(id)});
  CHECK(news_of(*watcher) == "(5 missed) 9 10 11 12 13");

  SECTION("a watcher resumes behind what it saw last") {
    CHECK(news_of(*ring.watch(11)) == "12 13");
    CHECK(news_of(*ring.watch(13)) == "");
    CHECK(news_of(*ring.watch(99)) == "");
    CHECK(news_of(*ring.watch(8)) == "9 10 11 12 13");
    CHECK(news_of(*ring.watch(7)) == "(missed) 9 10 11 12 13");
  }
  SECTION("attempts without end are bounded, too") {
    for (int i = 0; i < 10'000; ++i)
      ring.publish({finished_attempt(100 + i)});
    CHECK(watcher->take().items.size() == LiveRing::items_max);
  }
  SECTION("so are watchers, and in the end they are told") {
    std::vector<std::unique_ptr<LiveRing::Watcher>> watchers;
    for (std::size_t i = 1; i < LiveRing::watchers_max; ++i)
      watchers.push_back(ring.watch(std::nullopt));
    CHECK(watchers.back());
    CHECK_FALSE(ring.watch(std::nullopt));
    watchers.pop_back();
    CHECK(ring.watch(std::nullopt));
    ring.close();
    CHECK(news_of(*watcher) == " over");
    watchers.clear();
    CHECK_FALSE(ring.watch(std::nullopt));
  }
}

TEST_CASE("days are days", "[log]") {
  CHECK(day_of("2026-11-23") == 20261123);
  CHECK(day_of("2028-02-29") == 20280229);
  for (const char* other :
       {"2026-02-29", "2026-13-01", "2026-00-10", "2026-1-1", "20261123", "2026-11-2x", "", "2026-11-233"})
    CHECK(!day_of(other));
  LocalClock clock;
  for (const Microseconds time : {1'795'000'000'000'000, 1'795'000'899'999'999, 1'795'000'900'000'000}) {
    const LocalTime fresh = LocalClock().at(time), kept = clock.at(time);
    CHECK(fresh.day == kept.day);
    CHECK(fresh.hour == kept.hour);
    CHECK(fresh.minute == kept.minute);
    CHECK(fresh.second == kept.second);
  }
}
