#include <atomic>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "demo/chat_scripts.h"
#include "demo/scripted_provider.h"
#include "integration/admin_client.h"
#include "integration/disk.h"
#include "integration/kills.h"
#include "support/catch.h"
#include "support/log_lines.h"

// The request log on a machine whose disk does not do what it should, or that dies: requests are answered,
// lost records are counted, and every line that was written stays.
namespace {

using namespace airouterd::demo;
using namespace gateway;
namespace fs = std::filesystem;

// An airouterd with a provider, and its log.
class Logger {
 public:
  explicit Logger(const Surroundings& surroundings = {})
      : daemon_({{"A", provider_.base_url()}}, {}, "en", surroundings) {}

  Gateway& daemon() { return daemon_; }
  std::string folder() const { return daemon_.folder().file("data/logs"); }

  // Nothing: there is none yet.
  fs::path file() const {
    for (const auto& entry : fs::directory_iterator(folder()))
      if (entry.path().extension() == ".jsonl") return entry.path();
    return {};
  }
  std::string content() const {
    const fs::path path = file();
    return path.empty() ? std::string() : log_lines::content_of(path);
  }

  void check_answered(int requests) const {
    for (int i = 0; i < requests; ++i)
      CHECK(outcome_of(daemon_.ask(false)) == "200 'Hi' by A after 1");
  }
  bool becomes(const std::string& health) const {
    return comes_true([&] { return member_of(daemon_.get("/health").body, {"status"}) == health; });
  }
  std::string lost() const {
    return member_of(AdminClient(daemon_).get("/api/admin/system-stats").body, {"logs", "lost_records"});
  }

  // The log cannot be written: three requests are answered, and not one byte of the file changes.
  void check_lossy() {
    const std::string before = content();
    check_answered(3);
    REQUIRE(becomes("degraded"));
    CHECK(daemon_.get("/health").status == 200);
    CHECK(lost() == "3");
    CHECK(content() == before);
    CHECK(holds(daemon_.said(), "the log cannot be written"));
  }

  // It can again: the next records are behind the old ones, every line is whole, and the gap is told.
  void check_mended(const std::string& before) const {
    REQUIRE(becomes("healthy"));
    check_answered(1);
    const AdminClient admin(daemon_);
    REQUIRE(comes_true([&] { return holds(content(), "3 records could not"); }));
    REQUIRE(comes_true([&] { return content().size() > before.size() && content().ends_with('\n'); }));
    const std::string text = content();
    CHECK(text.starts_with(before));
    for (std::size_t at = 0; at < text.size();) {
      const auto end = text.find('\n', at);
      CHECK(json::parse(std::string_view(text).substr(at, end - at)).value);
      at = end + 1;
    }
  }

 private:
  ScriptedProvider provider_{saying({"Hi"})};
  Gateway daemon_;
};

// Puts the log on a disk of its own, with one record in it.
bool move_to(const SmallDisk& disk, Logger& logger) {
  if (!disk.is_mounted()) {
    WARN("skipped: mounting is not permitted here");
    return false;
  }
  logger.daemon().restart(SIGTERM, [&] {
    fs::remove_all(logger.folder());
    fs::create_directory_symlink(disk.path(), logger.folder());
  });
  logger.check_answered(1);
  REQUIRE(comes_true([&] { return holds(logger.content(), "\"ok\""); }));
  return true;
}

}  // namespace

TEST_CASE("when the disk is full traffic goes on, and the log goes on when there is room",
          "[log][machine][daemon]") {
  Logger logger;
  const SmallDisk disk;
  if (!move_to(disk, logger)) return;
  // What is left of a block is not enough for three records.
  std::string before = logger.content();
  disk.fill();
  while (logger.content() == before && before.size() % 4096 != 0 && before.size() % 4096 < 2500) {
    logger.check_answered(1);
    comes_true([&] { return logger.content() != before; });
    before = logger.content();
  }
  logger.check_answered(8);
  REQUIRE(logger.becomes("degraded"));
  const std::string full = logger.content();
  CHECK(full.starts_with(before));
  CHECK(full.ends_with('\n'));
  CHECK(std::atoi(logger.lost().c_str()) > 0);
  logger.check_answered(1);
  CHECK(logger.content() == full);
  disk.make_room();
  REQUIRE(logger.becomes("healthy"));
  logger.check_answered(1);
  REQUIRE(comes_true([&] { return holds(logger.content(), "could not"); }));
  CHECK(logger.content().starts_with(full));
}

TEST_CASE("beyond RLIMIT_FSIZE records are lost and counted, and nothing of the log is torn",
          "[log][machine][daemon]") {
  Logger logger;
  logger.check_answered(1);
  REQUIRE(comes_true([&] { return holds(logger.content(), "\"ok\""); }));
  const std::string before = logger.content();
  {
    // Within the next line.
    const FileSizeLimit limit(logger.daemon().process().id(), before.size() + 200);
    logger.check_lossy();
  }
  logger.check_mended(before);
}

TEST_CASE("with a log in a folder that is read-only traffic goes on, and is logged when it is not any more",
          "[log][machine][daemon]") {
  Logger logger;
  const SmallDisk disk;
  if (!move_to(disk, logger)) return;
  logger.daemon().restart(SIGTERM, [&] { REQUIRE(disk.set_read_only(true)); });
  const std::string before = logger.content();
  logger.check_answered(3);
  REQUIRE(logger.becomes("degraded"));
  CHECK(logger.content() == before);
  REQUIRE(disk.set_read_only(false));
  REQUIRE(logger.becomes("healthy"));
  logger.check_answered(1);
  REQUIRE(comes_true([&] { return logger.content().size() > before.size(); }));
  CHECK(logger.content().starts_with(before));
}

TEST_CASE("a write to the log that fails costs records, and never what was written before",
          "[log][machine][daemon]") {
  const FailingSaves saves;
  Logger logger(saves.surroundings());
  logger.check_answered(1);
  REQUIRE(comes_true([&] { return holds(logger.content(), "\"ok\""); }));
  const std::string before = logger.content();
  const std::string error = GENERATE("5", "28");
  saves.fail("write .jsonl 1 " + error);
  logger.check_lossy();
  saves.stop();
  logger.check_mended(before);
}

TEST_CASE("a kill in the middle of many requests loses no line that was written", "[log][crash][daemon]") {
  Logger logger;
  std::mt19937 random(1);
  std::string before;
  std::size_t lines = 0;
  for (int round = 0; round < kills(); ++round) {
    std::atomic<bool> is_over{false};
    std::vector<std::thread> clients;
    for (int i = 0; i < 2; ++i)
      clients.emplace_back([&, port = logger.daemon().port()] {
        RawClient client(port);
        while (!is_over && client.send(chat_request(chat_body())) && client.read_answer(1s).status == 200) {
        }
      });
    std::this_thread::sleep_for(std::chrono::microseconds(std::uniform_int_distribution(0, 120'000)(random)));
    logger.daemon().restart(SIGKILL, [&] {
      is_over = true;
      for (std::thread& client : clients)
        client.join();
      const std::string text = logger.content();
      CHECK(text.starts_with(before));
      lines = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
      before = text.substr(0, text.rfind('\n') + 1);
      // As a crash of the machine would leave it.
      if (!text.empty() && text.ends_with('\n'))
        std::ofstream(logger.file(), std::ios::app) << R"({"id":1795000000123456,"timestamp":17950)";
    });
    const std::string text = logger.content();
    CHECK(text.starts_with(before));
    CHECK((text.empty() || text.ends_with('\n')));
    const AdminClient admin(logger.daemon());
    CHECK(member_of(admin.get("/api/logs/stats").body, {"total_requests"}) == std::to_string(lines));
  }
  CHECK(lines > static_cast<std::size_t>(kills()));
}
