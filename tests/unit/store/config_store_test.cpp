#include "store/config_store.h"

#include <atomic>
#include <filesystem>
#include <sys/stat.h>
#include <thread>

#include "base/json_edit.h"
#include "store/settings.h"
#include "support/catch.h"
#include "support/temp_folder.h"

using namespace airouterd::store;
using Kind = ConfigOutcome::Kind;
namespace json = airouter::json;

namespace {

std::string text_of(const std::string& file) {
  const airouter::TextFile read = airouter::read_text_file(file, 1 << 20, airouter::FileKind::any);
  return read.problem.empty() ? read.text : "(" + read.problem + ")";
}

std::string shown(const ConfigOutcome& outcome) {
  static const std::array<std::string, 7> names{"done",       "refused",   "conflict",   "invalid",
                                                "unreadable", "not saved", "not applied"};
  std::string text = names[static_cast<std::size_t>(outcome.kind)];
  for (const airouter::ConfigProblem& problem : outcome.problems)
    text += "; " + airouter::to_string(problem);
  return text;
}

ConfigStore::Edit setting(const std::string& name, const std::string& value) {
  return [=](const LoadedConfig& config) { return json::with_value(config.text, {name}, value); };
}

// A store on a folder of its own, and what it has told others.
struct World {
  explicit World(const std::string& text = "") : store(place(text)) {
    store.connect(
        [this](const airouter::Config& routing, const ServerConfig&) -> airouter::Result<void> {
          if (refuses) return airouter::Error{.message = "refused"};
          told += "applied " + std::to_string(routing.max_retries) + "; ";
          return {};
        },
        [this](const std::string& english, const std::string&) { told += english + "; "; });
  }

  ConfigPlace place(const std::string& text) const {
    if (!text.empty()) folder.write("config.json", text);
    ConfigPlace place;
    place.file = folder.file("config.json");
    place.last_good = folder.file("config.last-good.json");
    return place;
  }
  std::string take_told() { return std::exchange(told, {}); }
  std::string file() const { return text_of(folder.file("config.json")); }

  TempFolder folder{};
  ConfigStore store;
  std::string told{};
  bool refuses = false;  // to take a config into service
};

}  // namespace

TEST_CASE("a save reaches the file, then whoever serves, and changes nothing else of the text",
          "[config_store]") {
  World world("{\n  // three\n  \"max_retries\": 3, // tries\n  \"x\": 1.50\n}\n");
  REQUIRE(shown(world.store.load(true)) == "done");
  world.take_told();
  CHECK(shown(world.store.save(setting("max_retries", "5"), {"tries set", ""})) == "done");
  CHECK(world.file() == "{\n  // three\n  \"max_retries\": 5, // tries\n  \"x\": 1.50\n}\n");
  CHECK(world.take_told() == "applied 5; config saved: tries set; ");
  CHECK(world.store.current()->parsed.routing.max_retries == 5);

  SECTION("what changes nothing is not written") {
    const auto before = std::filesystem::last_write_time(world.folder.file("config.json"));
    CHECK(shown(world.store.save(setting("max_retries", "5"), {"again", ""})) == "done");
    CHECK(std::filesystem::last_write_time(world.folder.file("config.json")) == before);
    CHECK(world.take_told() == "config saved: again; ");
  }
  SECTION("what its editor refuses is not written") {
    CHECK(shown(world.store.save([](const LoadedConfig&) { return std::nullopt; }, {"no", ""})) == "refused");
    CHECK(world.take_told().empty());
  }
}

TEST_CASE("a config without a file gets one with the first save, for its owner alone", "[config_store]") {
  World world;
  REQUIRE(shown(world.store.load(false)) == "done");
  CHECK_FALSE(world.store.current()->has_file);
  CHECK(shown(world.store.save(setting("max_retries", "2"), {"", ""})) == "done");
  CHECK(world.file() == "{\n  \"max_retries\": 2\n}\n");
  struct stat status {};
  REQUIRE(::stat(world.folder.file("config.json").c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0600);
  CHECK(shown(World().store.load(true)) == "unreadable");
}

TEST_CASE("what somebody else wrote is never overwritten", "[config_store]") {
  World world(R"({"max_retries":3})");
  REQUIRE(shown(world.store.load(true)) == "done");
  world.take_told();
  world.folder.write("config.json", R"({"max_retries":4})");
  CHECK(shown(world.store.save(setting("max_retries", "9"), {"x", ""})) == "conflict");
  CHECK(world.file() == R"({"max_retries":4})");
  CHECK(world.store.current()->parsed.routing.max_retries == 3);
  CHECK(world.take_told() == "config not saved: the file was changed by somebody else; ");
  CHECK(shown(world.store.reload()) == "done");
  CHECK(world.take_told() == "applied 4; config reloaded; ");
  CHECK(shown(world.store.save(setting("max_retries", "9"), {"x", ""})) == "done");

  SECTION("a file that is gone is a change, too") {
    std::filesystem::remove(world.folder.file("config.json"));
    CHECK(shown(world.store.save(setting("max_retries", "8"), {"x", ""})) == "conflict");
    CHECK(shown(world.store.reload()) == "unreadable");
    CHECK(world.store.current()->parsed.routing.max_retries == 9);
  }
}

TEST_CASE("a file that came after the start is a change, too", "[config_store]") {
  World world;
  REQUIRE(shown(world.store.load(false)) == "done");
  world.folder.write("config.json", "{}\n");
  CHECK(shown(world.store.save(setting("max_retries", "8"), {"x", ""})) == "conflict");
  CHECK(world.file() == "{}\n");
}

TEST_CASE("a config that would be invalid is neither saved nor served", "[config_store]") {
  World world(R"({"max_retries":3})");
  REQUIRE(shown(world.store.load(true)) == "done");
  world.take_told();
  CHECK(shown(world.store.save(setting("max_retries", "0"), {"x", ""})) ==
        "invalid; 1:16 /max_retries: found 0; allowed is a whole number from 1 to 100");
  CHECK(world.file() == R"({"max_retries":3})");
  CHECK(world.take_told().empty());
  world.folder.write("config.json", "{\"max_retries\":\n \"three\"}");
  CHECK(shown(world.store.reload()).starts_with("invalid; 2:2 /max_retries: "));
  CHECK(world.take_told() ==
        "config not reloaded, the running one stays: problems: 1, the first in line 2 /max_retries; ");
  CHECK(world.store.current()->parsed.routing.max_retries == 3);
}

TEST_CASE("a save that fails leaves memory and file as they were", "[config_store]") {
  World world(R"({"max_retries":3})");
  REQUIRE(shown(world.store.load(true)) == "done");
  world.take_told();
  std::filesystem::create_directory(world.folder.file(".config.json.new"));
  CHECK(shown(world.store.save(setting("max_retries", "4"), {"x", ""})) == "not saved");
  CHECK(world.file() == R"({"max_retries":3})");
  CHECK(world.store.current()->parsed.routing.max_retries == 3);
  CHECK(world.take_told().starts_with("config not saved: cannot make a new file beside"));
  std::filesystem::remove(world.folder.file(".config.json.new"));
  CHECK(shown(world.store.save(setting("max_retries", "4"), {"x", ""})) == "done");
}

TEST_CASE("the command line wins over the file, before and after a save", "[config_store]") {
  World world;
  world.folder.write("config.json", R"({"server_port":1000,"server_host":"0.0.0.0"})");
  ConfigPlace place = world.place("");
  place.port = 2000;
  place.host = "127.0.0.1";
  ConfigStore store(place);
  REQUIRE(shown(store.load(true)) == "done");
  REQUIRE(shown(store.save(setting("server_port", "3000"), {"x", ""})) == "done");
  CHECK(store.current()->parsed.server.port == 2000);
  CHECK(store.current()->parsed.server.host == "127.0.0.1");
  for (const Setting& row : settings())
    if (row.pointer == "/server_port") CHECK(source_of(row, *store.current(), place) == "command line");

  SECTION("a way in for everybody is refused as at the start") {
    place.host = "0.0.0.0";
    place.admin_auth = "none";
    CHECK(shown(ConfigStore(place).load(true)).starts_with("invalid"));
  }
}

TEST_CASE("the config that has served is kept, once", "[config_store]") {
  World world(R"({"max_retries":3})");
  REQUIRE(shown(world.store.load(true)) == "done");
  REQUIRE(world.store.keep_last_good());
  CHECK(text_of(world.folder.file("config.last-good.json")) == R"({"max_retries":3})");
  std::filesystem::remove(world.folder.file("config.last-good.json"));
  REQUIRE(world.store.keep_last_good());
  CHECK_FALSE(std::filesystem::exists(world.folder.file("config.last-good.json")));
  REQUIRE(shown(world.store.save(setting("max_retries", "4"), {"x", ""})) == "done");
  REQUIRE(world.store.keep_last_good());
  CHECK(text_of(world.folder.file("config.last-good.json")) == R"({"max_retries":4})");
}

TEST_CASE("a config that could not be taken into service is not kept", "[config_store]") {
  World world(R"({"max_retries":3})");
  REQUIRE(shown(world.store.load(true)) == "done");
  world.refuses = true;
  CHECK(shown(world.store.save(setting("max_retries", "4"), {"x", ""})) == "not applied");
  CHECK(world.file() == R"({"max_retries":4})");
  REQUIRE(world.store.keep_last_good());
  CHECK(text_of(world.folder.file("config.last-good.json")) == R"({"max_retries":3})");
  world.refuses = false;
  CHECK(shown(world.store.reload()) == "done");
  REQUIRE(world.store.keep_last_good());
  CHECK(text_of(world.folder.file("config.last-good.json")) == R"({"max_retries":4})");
}

TEST_CASE("a config in memory is changed there", "[config_store]") {
  ConfigStore store{ConfigPlace{}};
  REQUIRE(shown(store.load_text(R"({"max_retries":2})")) == "done");
  CHECK(shown(store.save(setting("max_retries", "7"), {"x", ""})) == "done");
  CHECK(store.current()->parsed.routing.max_retries == 7);
  CHECK(shown(store.reload()) == "unreadable");
  CHECK(store.keep_last_good());
}

TEST_CASE("saves of many at once all reach the file", "[config_store]") {
  World world(R"({"model_map":{}})");
  REQUIRE(shown(world.store.load(true)) == "done");
  std::vector<std::thread> writers;
  std::atomic<int> failed{0};
  for (int writer = 0; writer < 8; ++writer)
    writers.emplace_back([&, writer] {
      for (int i = 0; i < 10; ++i) {
        const std::string name = "n" + std::to_string(writer) + "-" + std::to_string(i);
        const auto outcome = world.store.save(
            [&](const LoadedConfig& config) {
              return json::with_value(config.text, {"model_map", name}, R"(["m"])");
            },
            {name, name});
        if (!outcome.is_done()) ++failed;
      }
    });
  for (std::thread& writer : writers)
    writer.join();
  CHECK(failed == 0);
  CHECK(parse_file(world.file()).routing.model_map.size() == 80);
  CHECK(world.file() == world.store.current()->text);
}

TEST_CASE("every key of the server that is no object can be seen as a setting", "[config_store]") {
  for (const airouter::KeySpec& key : server_keys()) {
    if (key.type == "object") continue;
    INFO(key.pointer);
    CHECK(std::any_of(settings().begin(), settings().end(),
                      [&](const Setting& row) { return row.pointer == key.pointer; }));
  }
}
