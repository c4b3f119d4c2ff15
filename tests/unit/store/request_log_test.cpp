// The request log: what is told to it can be found, counted and read again.
#include "store/request_log.h"

#include <atomic>
#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <sys/stat.h>
#include <thread>
#include <vector>

#include <airouter/testing.h>

#include "store/log_file.h"
#include "store/request_facts.h"
#include "store/request_view.h"
#include "support/catch.h"
#include "support/log_lines.h"
#include "support/temp_folder.h"

using namespace airouterd::store;
using namespace log_lines;
namespace fs = std::filesystem;

namespace {

// A log whose clock is moved by hand: 2026-01-01T00:00:00Z at first.
struct LogWorld {
  TempFolder folder{};
  std::shared_ptr<airouter::testing::FakeClock> clock = std::make_shared<airouter::testing::FakeClock>();
  RequestLogOptions options{};
  std::unique_ptr<RequestLog> log{};
  std::uint64_t calls = 0;

  LogWorld() {
    options.folder = folder.file("logs");
    options.clock = clock;
  }
  void open() {
    log.reset();
    log = std::make_unique<RequestLog>(options);
  }
  void advance(std::chrono::microseconds time) { clock->advance(time); }
  Microseconds now() const {
    return std::chrono::duration_cast<std::chrono::microseconds>(clock->wall_now().time_since_epoch())
        .count();
  }

  struct Asked {
    std::string model = "m1", key = "k1";
    std::vector<airouter::Attempt> attempts{attempt("p1")};
    std::optional<airouter::Error> error{};
    std::optional<airouter::Usage> usage{};
  };
  airouter::CallSummary begin(const Asked& asked) {
    airouter::CallSummary call;
    call.id = ++calls;
    call.model = asked.model;
    call.context = std::make_shared<const RequestFacts>(RequestFacts{
        "req_" + std::to_string(call.id), "POST", "/v1/chat/completions", "10.0.0.1", asked.key});
    log->on_call_started(call);
    return call;
  }
  void end(airouter::CallSummary call, const Asked& asked) {
    for (const airouter::Attempt& one : asked.attempts) {
      call.attempts.push_back(one);
      log->on_attempt(call, one);
    }
    call.usage = asked.usage;
    call.total = std::chrono::milliseconds(5);
    log->on_call_finished(call, asked.error ? &*asked.error : nullptr);
    advance(std::chrono::milliseconds(1));
  }
  void ask(const Asked& asked) { end(begin(asked), asked); }

  // The request ids that are found, "4 2 1"; others by their type.
  std::string found(const LogFilter& filter) {
    std::string ids;
    for (const std::string& line : log->search(filter).lines) {
      const std::string id = member(line, "request_id");
      ids += (ids.empty() ? "" : " ") + (id.starts_with("req_") ? id.substr(4) : member(line, "type"));
    }
    return ids;
  }
  // Waits until the log has caught up with that many requests; a question alone waits for half a second.
  void settle(std::int64_t requests) {
    const auto counted = [&] {
      std::int64_t count = 0;
      for (int back = 0; back < 6; ++back)
        count += log->statistics(days_before(log->now().day, back)).total().requests();
      return count;
    };
    for (int i = 0; i < 60 && counted() < requests; ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  LogFilter ends() const {
    LogFilter filter;
    filter.is_end = true;
    return filter;
  }
  std::string file_of_today() const { return options.folder / LogFileName{log->now().day, 0}.text(); }
};

LogWorld::Asked failed() {
  return {.attempts = {attempt("p1", airouter::FailureKind::rate_limited)},
          .error = airouter::Error{
              airouter::ErrorCode::all_providers_failed, "all failed: p1 429", 0, {}, {}, {}}};
}

LogWorld::Asked rescued() {
  return {.model = "m2",
          .key = "k2",
          .attempts = {attempt("p1", airouter::FailureKind::timeout), attempt("p2")},
          .usage = airouter::Usage{10, 5}};
}

LogWorld::Asked cancelled() {
  return {.attempts = {attempt("p1", airouter::FailureKind::cancelled)},
          .error = airouter::Error{airouter::ErrorCode::cancelled, "the caller left", 0, {}, {}, {}}};
}

RequestRefused refused() {
  return {"req_r", "POST", "/v1/chat/completions", "10.0.0.9", "", 401, "no key", true};
}

// "ok 1, rescued 1, failed 1, cancelled 1, refused 1, tokens 15"
std::string counts(RequestLog& log, Day day) {
  const DayStatistics statistics = log.statistics(day);
  const auto total = statistics.total();
  const auto part = [](const char* name, std::int64_t count) {
    return std::string(name) + std::to_string(count);
  };
  return part("ok ", total.ok) + part(", rescued ", total.rescued) + part(", failed ", total.failed) +
         part(", cancelled ", total.cancelled) + part(", refused ", statistics.refused()) +
         part(", tokens ", total.tokens.total());
}

}  // namespace

TEST_CASE("every request is found by what it was, counted once, and so after a restart", "[log]") {
  LogWorld world;
  world.open();
  world.ask({});
  world.ask(rescued());
  world.ask(failed());
  world.ask(cancelled());
  world.log->on_refused(refused());
  world.log->note(LogLevel::info, "config reloaded", "已保存配置");
  for (const bool is_again : {false, true}) {
    CAPTURE(is_again);
    if (is_again) world.open();
    const auto by = [&](auto set) {
      LogFilter filter = world.ends();
      set(filter);
      return world.found(filter);
    };
    CHECK(by([](LogFilter&) {}) == "4 3 2 1");
    CHECK(by([](LogFilter& f) { f.model = "m1"; }) == "4 3 1");
    CHECK(by([](LogFilter& f) { f.provider = "p2"; }) == "2");
    CHECK(by([](LogFilter& f) { f.key_id = "k2"; }) == "2");
    CHECK(by([](LogFilter& f) { f.level = LogLevel::error; }) == "3");
    CHECK(by([](LogFilter& f) { f.level = LogLevel::warning; }) == "2");
    CHECK(by([](LogFilter& f) { f.type = LogType::response; }) == "2 1");
    CHECK(by([](LogFilter& f) { f.result = LogResult::cancelled; }) == "4");
    CHECK(by([](LogFilter& f) { f.status_min = f.status_max = 499; }) == "4");
    CHECK(by([](LogFilter& f) { f.status_min = 400; }) == "4 3");
    CHECK(by([](LogFilter& f) { f.text = "ALL FAILED"; }) == "3");
    CHECK(by([](LogFilter& f) { f.text = "timestamp"; }) == "");
    CHECK(by([](LogFilter& f) { f.request_id = "req_2"; }) == "2");
    CHECK(by([](LogFilter& f) { f.request_id = "req"; }) == "");
    CHECK(by([](LogFilter& f) { f.limit = 2; }) == "4 3");
    CHECK(by([](LogFilter& f) { f.model = "m3"; }) == "");
    LogFilter system;
    system.type = LogType::system;
    system.text = "reloaded";
    CHECK(world.found(system) == "system");
    CHECK(counts(*world.log, world.log->now().day) ==
          "ok 1, rescued 1, failed 1, cancelled 1, refused 1, tokens 15");
  }
  struct stat status {};
  REQUIRE(::stat(world.file_of_today().c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0600);
  REQUIRE(::stat(world.options.folder.c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0700);
}

TEST_CASE("a request is seen while it runs, and its acceptance is in no file", "[log]") {
  LogWorld world;
  world.open();
  const auto call = world.begin({});
  LogFilter all;
  CHECK(world.found(all) == "1");
  REQUIRE(world.log->running().size() == 1);
  airouter::CallSummary trying = call;
  world.log->on_attempt(trying, attempt("p1", airouter::FailureKind::timeout));
  const auto running = world.log->running();
  std::string view;
  REQUIRE(append_request_view(view, *running.front().line, running.front().attempts));
  CHECK(member(view, "result") == "null");
  CHECK(member(view, "attempts").find(R"("kind":"timeout")") != std::string::npos);
  world.end(call, {});
  CHECK(world.log->running().empty());
  CHECK(world.found(all) == "1 1");
  CHECK(content_of(world.file_of_today()).find("\"type\":\"request\"") == std::string::npos);
  world.open();
  CHECK(world.found(all) == "1");
}

TEST_CASE("pages go back record by record, over memory, index, older files and days", "[log]") {
  LogWorld world;
  world.options.indexed_max = 700;
  world.options.days_kept = 5;
  world.open();
  constexpr int requests = 3000;
  for (int i = 0; i < requests; ++i) {
    world.ask({});
    world.advance(std::chrono::seconds(100));
  }
  world.settle(requests);
  LogFilter filter = world.ends();
  filter.limit = 97;
  int expected = requests;
  for (;;) {
    const auto page = world.log->search(filter);
    if (page.lines.empty()) break;
    for (const std::string& line : page.lines) {
      REQUIRE(member(line, "request_id") == "req_" + std::to_string(expected));
      --expected;
      filter.before = airouter::json::to_integer(member(line, "id")).value_or(0);
    }
  }
  CHECK(expected == 0);

  // A restart reads them all the same, and a day is counted from its file when it is asked for.
  const Day first_day = LocalClock().at(world.now() - 3'000LL * 100'000'000).day;
  const std::string before = counts(*world.log, first_day);
  world.open();
  filter.before = LogFilter{}.before;
  filter.limit = 1000;
  CHECK(world.log->search(filter).lines.size() == 1000);
  CHECK(counts(*world.log, first_day) == before);
}

TEST_CASE("ids only grow, whatever the clock does", "[log]") {
  LogWorld world;
  world.open();
  for (int i = 0; i < 5; ++i)
    world.log->note(LogLevel::info, "at the same moment", "已停止");
  LogFilter all;
  Microseconds last = 0;
  auto lines = world.log->search(all).lines;
  REQUIRE(lines.size() == 5);
  for (auto line = lines.rbegin(); line != lines.rend(); ++line) {
    const Microseconds id = airouter::json::to_integer(member(*line, "id")).value_or(0);
    CHECK(id > last);
    last = id;
  }
  // Another process whose clock is a minute behind goes on from there.
  world.clock = std::make_shared<airouter::testing::FakeClock>();
  world.options.clock = world.clock;
  world.open();
  world.log->note(LogLevel::info, "later", "其一");
  lines = world.log->search(all).lines;
  REQUIRE(lines.size() == 6);
  CHECK(airouter::json::to_integer(member(lines.front(), "id")).value_or(0) > last);
}

TEST_CASE("a torn last line is cut off, one that only lacks its end is kept", "[log]") {
  LogWorld world;
  world.open();
  world.ask({});
  world.ask({});
  world.log.reset();
  world.log = nullptr;
  const std::string file = world.options.folder / LogFileName{LocalClock().at(world.now()).day, 0}.text();
  const std::string whole = content_of(file);
  const auto write = [&](const std::string& text) {
    std::ofstream(file, std::ios::binary | std::ios::trunc) << text;
  };
  const auto lines_after = [&](const std::string& text) {
    write(text);
    world.open();
    world.ask({});
    const auto count = world.found(world.ends());
    world.log.reset();
    const std::string after = content_of(file);
    std::size_t at = 0;
    for (auto end = after.find('\n'); end != std::string::npos; at = end + 1, end = after.find('\n', at))
      CHECK(airouter::json::parse(std::string_view(after).substr(at, end - at)).value);
    CHECK(at == after.size());
    return static_cast<int>(std::count(after.begin(), after.end(), '\n'));
  };
  CHECK(lines_after(whole) == 3);
  CHECK(lines_after(whole.substr(0, whole.size() - 1)) == 3);
  for (const std::size_t cut : {std::size_t{2}, std::size_t{100}, whole.size() / 2 - 3})
    CHECK(lines_after(whole.substr(0, whole.size() - cut)) == 2);
  CHECK(lines_after(whole.substr(0, 10)) == 1);
  CHECK(lines_after("") == 1);
}

TEST_CASE("a file that is moved away, removed or emptied is begun again, and nothing is counted twice",
          "[log]") {
  LogWorld world;
  world.open();
  world.ask({});
  const Day day = world.log->now().day;
  CHECK(counts(*world.log, day).starts_with("ok 1"));
  const std::string file = world.file_of_today();
  const auto change = GENERATE(as<std::string>{}, "moved", "removed", "emptied", "added to");
  CAPTURE(change);
  if (change == "moved") fs::rename(file, file + ".old");
  if (change == "removed") fs::remove(file);
  if (change == "emptied") fs::resize_file(file, 0);
  if (change == "added to") std::ofstream(file, std::ios::app) << "a note by hand";
  world.ask(rescued());
  CHECK(counts(*world.log, day).starts_with("ok 1, rescued 1"));
  CHECK(world.log->is_healthy());
  world.log.reset();
  const std::string text = content_of(file);
  CHECK(std::count(text.begin(), text.end(), '\n') == (change == "added to" ? 2 : 1));
  world.open();
  CHECK(world.found(world.ends()) == (change == "added to" ? "2 1" : "2"));
}

TEST_CASE("what cannot be written is lost, told and over when it is over", "[log]") {
  LogWorld world;
  std::vector<std::string> troubles;
  world.options.on_trouble = [&](std::string_view problem) { troubles.emplace_back(problem); };
  world.open();
  world.ask({});
  const std::string file = world.file_of_today();
  world.log->statistics(0);
  fs::remove(file);
  fs::create_directory(file);  // nobody can write that, not even root
  world.ask({});
  CHECK(counts(*world.log, world.log->now().day).starts_with("ok 2"));
  CHECK_FALSE(world.log->is_healthy());
  CHECK(world.log->lost() == 1);
  CHECK(world.found(world.ends()) == "2 1");  // memory has it
  fs::remove(file);
  for (int i = 0; i < 400 && !world.log->is_healthy(); ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  CHECK(world.log->is_healthy());
  LogFilter notes;
  notes.text = "1 records could not be written";
  CHECK(world.found(notes) == "system");
  world.log.reset();
  REQUIRE(troubles.size() == 2);
  CHECK(!troubles.front().empty());
  CHECK(troubles.back().empty());
}

TEST_CASE("the newest event is one that can be found, also while none can be written", "[log]") {
  LogWorld world;
  world.open();
  world.ask({});
  const std::string file = world.file_of_today();
  world.log->statistics(0);
  fs::remove(file);
  fs::create_directory(file);
  world.ask({});
  world.log->statistics(0);
  CHECK_FALSE(world.log->is_healthy());
  CHECK(world.log->newest_event() == 0);
  LogFilter events;
  events.type = LogType::system;
  CHECK(world.found(events).empty());
  fs::remove(file);
  for (int i = 0; i < 400 && world.log->newest_event() == 0; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  const auto lines = world.log->search(events).lines;
  REQUIRE(lines.size() == 1);
  CHECK(member(lines.front(), "id") == std::to_string(world.log->newest_event()));
}

TEST_CASE("without a folder everything is in memory, as far as it goes", "[log]") {
  LogWorld world;
  world.options.folder.clear();
  world.open();
  for (int i = 0; i < 1200; ++i)
    world.ask({});
  world.settle(1200);
  CHECK(world.log->is_healthy());
  CHECK(counts(*world.log, world.log->now().day).starts_with("ok 1200"));
  LogFilter filter = world.ends();
  filter.limit = 1000;
  CHECK(world.log->search(filter).lines.size() == 500);  // the ring has their acceptances, too
  world.options.is_folder_missing = true;
  world.open();
  CHECK_FALSE(world.log->is_healthy());
}

TEST_CASE("what does not fit into the queue is dropped and counted, and nobody waits", "[log]") {
  LogWorld world;
  world.options.queue_max = 8;
  world.options.on_record = [](LogLevel, std::string_view) {
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  };
  world.open();
  const auto begin = std::chrono::steady_clock::now();
  airouter::HealthEvent event;
  event.provider = "p1";
  event.to = airouter::HealthState::cooling;
  for (int i = 0; i < 2000; ++i)
    world.log->on_health(event);
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(1));
  CHECK(world.log->lost() > 1000);
  const auto lost = static_cast<std::int64_t>(world.log->lost());
  world.log.reset();
  const std::string text =
      content_of(world.options.folder / LogFileName{LocalClock().at(world.now()).day, 0}.text());
  std::int64_t kept = 0;
  for (std::size_t at = 0; (at = text.find("p1: healthy -> cooling", at)) != std::string::npos; ++at)
    ++kept;
  CHECK(kept + lost == 2000);
}

TEST_CASE("a flood of refused requests is counted one by one and told in a few lines", "[log][refused]") {
  LogWorld world;
  world.open();
  RequestRefused one = refused(), other = refused(), admin = refused();
  other.client_ip = "10.0.0.7";
  admin.is_counted = false;
  int told = 0;
  for (int i = 0; i < 1000; ++i)
    told += world.log->on_refused(one) ? 1 : 0;
  told += world.log->on_refused(other) ? 1 : 0;
  told += world.log->on_refused(admin) ? 1 : 0;
  CHECK(told == 12);
  CHECK(world.log->statistics(world.log->now().day).refused() == 1001);
  world.advance(std::chrono::minutes(1));
  CHECK(world.log->on_refused(one));
  LogFilter all;
  all.limit = 1000;
  CHECK(world.log->search(all).lines.size() == 14);
  CHECK(world.log->live().records().size() == 14);
  CHECK(world.log->statistics(world.log->now().day).refused() == 1002);
  for (int i = 0; i < 300; ++i) {  // from everywhere
    one.client_ip = "10.0.1." + std::to_string(i);
    world.log->on_refused(one);
    world.log->on_refused(one);
  }
  world.log.reset();
  const std::string text =
      content_of(world.options.folder / LogFileName{LocalClock().at(world.now()).day, 0}.text());
  CHECK(text.find(R"("message":"refused 990 more of 10.0.0.9 within a minute, this one the last")") !=
        std::string::npos);
  CHECK(text.find(R"("count":990,"result":"refused")") != std::string::npos);
  CHECK(text.find("of many addresses within a minute") != std::string::npos);
  CHECK(std::count(text.begin(), text.end(), '\n') < 400);
  world.open();  // from the file
  CHECK(world.log->statistics(world.log->now().day).refused() == 1602);
}

TEST_CASE("many tell, search and watch at one time, and every request is counted once", "[log]") {
  LogWorld world;
  world.open();
  constexpr int threads = 4, requests = 300;
  std::atomic<int> running{threads};
  std::vector<std::thread> all;
  for (int t = 0; t < threads; ++t)
    all.emplace_back([&, t] {
      for (int i = 0; i < requests; ++i) {
        airouter::CallSummary call;
        call.id = static_cast<std::uint64_t>(t * requests + i + 1);
        call.model = "m1";
        world.log->on_call_started(call);
        call.attempts = {attempt("p0", airouter::FailureKind::timeout), attempt("p1")};
        for (const airouter::Attempt& one : call.attempts)
          world.log->on_attempt(call, one);
        world.log->on_call_finished(call, nullptr);
      }
      --running;
    });
  all.emplace_back([&] {
    const auto watcher = world.log->live().watch(std::nullopt);
    while (running > 0)
      watcher->take();
  });
  all.emplace_back([&] {
    while (running > 0) {
      world.log->search(world.ends());
      world.log->statistics(world.log->now().day);
      world.log->running();
      world.log->set_limits(30, 1 << 30);
    }
  });
  for (std::thread& thread : all)
    thread.join();
  world.settle(threads * requests);
  LogFilter filter = world.ends();
  filter.limit = 10'000;
  CHECK(world.log->search(filter).lines.size() == threads * requests);
  CHECK(counts(*world.log, world.log->now().day).starts_with("ok 0, rescued 1200"));
  CHECK(world.log->running().empty());
}

TEST_CASE("a log that everybody could read is for its owner alone once it is written", "[log]") {
  const TempFolder folder;
  const std::string path = folder.write("requests_2026-11-23.jsonl", "{}\n");
  REQUIRE(::chmod(path.c_str(), 0644) == 0);
  LogFile file(folder.file(""));
  REQUIRE(file.prepare(20261123) == LogFile::Ready::newly);
  struct stat status {};
  REQUIRE(::stat(path.c_str(), &status) == 0);
  CHECK((status.st_mode & 07777) == 0600);
}
