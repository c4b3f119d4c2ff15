// A long day's log: how soon the real binary is up, how soon it answers, and what it takes. A million records
// by AIROUTER_LOG_RECORDS=1000000, else a tenth of that with limits in proportion.
#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

#include "demo/scripted_provider.h"
#include "integration/admin_client.h"
#include "integration/gateway.h"
#include "store/log_file_name.h"
#include "support/catch.h"
#include "support/log_lines.h"

namespace {

using namespace airouterd::demo;
using namespace gateway;
using airouterd::store::LocalClock;
using airouterd::store::Microseconds;

constexpr int full_day = 1'000'000;

int records() {
  const char* wanted = std::getenv("AIROUTER_LOG_RECORDS");
  return wanted != nullptr ? std::atoi(wanted) : is_sanitized ? 5'000 : full_day / 10;
}

// A limit for a full day as one for this many records; `at_least` is what any number may take.
milliseconds limit(milliseconds for_full_day, milliseconds at_least) {
  return std::max(at_least, milliseconds(for_full_day.count() * records() / full_day));
}

// Every tenth request was rescued, every fiftieth model, seventh provider and hundredth key is the same.
void write_day(const std::string& folder, Microseconds now) {
  std::filesystem::create_directories(folder);
  LocalClock clock;
  const airouterd::store::LogFileName name{clock.at(now).day, 0};
  std::ofstream file(folder + "/" + name.text(), std::ios::binary);
  std::string text;
  for (int i = 0; i < records(); ++i) {
    const bool is_rescued = i % 10 == 0;
    const std::string model = "gpt-4-" + std::to_string(i % 50), provider = "Site_" + std::to_string(i % 7);
    const std::string key = "key-" + std::to_string(i % 100),
                      request = "req_0123456789abcdef" + std::to_string(10'000'000 + i);
    log_lines::LogEntry entry = log_lines::answered(now - (records() - i));
    entry.level = is_rescued ? log_lines::LogLevel::warning : log_lines::LogLevel::info;
    entry.result = is_rescued ? log_lines::LogResult::rescued : log_lines::LogResult::ok;
    entry.model = model;
    entry.provider = provider;
    entry.key_id = key;
    entry.request_id = request;
    entry.client_ip = "192.168.100.17";
    entry.input_tokens = 100;
    entry.output_tokens = 1;
    std::vector<airouter::Attempt> attempts{log_lines::attempt(provider)};
    if (is_rescued)
      attempts.insert(attempts.begin(), log_lines::attempt("Site_X", airouter::FailureKind::timeout));
    entry.attempts = attempts;
    airouterd::store::append_line(text, entry, clock.at(entry.id));
    text += '\n';
    if (text.size() < 1'000'000) continue;
    file << text;
    text.clear();
  }
  file << text;
}

}  // namespace

TEST_CASE("a long day's log is read at the start, searched at once, and takes little memory",
          "[log][daemon][memory]") {
  ScriptedProvider provider(saying({"Hello"}));
  Gateway daemon({{"only", provider.base_url()}}, R"("log":{"max_mb":4096})");
  const Microseconds now = std::chrono::duration_cast<std::chrono::microseconds>(
                               std::chrono::system_clock::now().time_since_epoch())
                               .count();
  // At its best of some tries, since other programs use the machine, too.
  const auto start = [&](milliseconds good, const std::function<void()>& meanwhile) {
    milliseconds best = 1h;
    for (int i = 0; i < 5 && best > good; ++i) {
      steady_clock::time_point begin;
      daemon.restart(SIGTERM, [&] {
        if (i == 0) meanwhile();
        begin = steady_clock::now();
      });
      best = std::min(best, std::chrono::duration_cast<milliseconds>(steady_clock::now() - begin));
    }
    return best;
  };
  // Of a part of a day it may take that part of the time, beside what a start takes anyway.
  const milliseconds bare = records() < full_day ? start(0ms, [] {}) : 0ms;
  const milliseconds enough = bare + limit(3000ms, 0ms);
  const milliseconds took = start(enough, [&] { write_day(daemon.folder().file("data/logs"), now); });
  WARN(records() << " records: started within " << took.count() << " ms, without any " << bare.count());
  if (!is_sanitized) CHECK(took <= enough);

  const AdminClient admin(daemon);
  CHECK(member_of(admin.get("/api/logs/stats").body, {"total_requests"}) == std::to_string(records()));
  const auto ask = [&](const std::string& parameters, std::size_t expected, milliseconds allowed) {
    milliseconds best = 1h;
    std::size_t lines = 0;
    for (int i = 0; i < 3; ++i) {
      const auto asked = steady_clock::now();
      const std::string body = admin.get("/api/logs?" + parameters).body;
      best = std::min(best, std::chrono::duration_cast<milliseconds>(steady_clock::now() - asked));
      lines = static_cast<std::size_t>(std::count(body.begin(), body.end(), '{')) - 1;
      CHECK(body.find("searched_to") == std::string::npos);
    }
    WARN(parameters << ": " << best.count() << " ms");
    INFO(parameters);
    CHECK(lines == expected);
    if (!is_sanitized) CHECK(best <= allowed);
  };
  const auto expected = [](int share) { return static_cast<std::size_t>(std::min(records() / share, 1000)); };
  for (const char* parameters :
       {"level=error", "log_type=error", "model=nobody", "provider=nobody", "key=nobody"})
    ask(parameters, 0, 100ms);
  ask("limit=1000&level=warning", expected(10), 100ms);
  ask("limit=1000&log_type=response", expected(1), 100ms);
  ask("limit=1000&model=gpt-4-7", expected(50), 100ms);
  ask("limit=1000&provider=Site_3", expected(7), 100ms);
  ask("limit=1000&key=key-55", expected(100), 100ms);
  ask("limit=1000&before=" + std::to_string(now - records() / 2),
      static_cast<std::size_t>(std::min(records() / 2, 1000)), 100ms);
  ask("q=nowhere-to-be-found", 0, limit(2000ms, 400ms));
  ask("q=def10000007", 1, limit(2000ms, 400ms));

  const long resident = daemon.process().memory_kib("VmHWM");
  WARN("memory at most: " << resident / 1024 << " MiB");
  if (!is_sanitized) CHECK(resident < 60'000'000 / 1024);
}
