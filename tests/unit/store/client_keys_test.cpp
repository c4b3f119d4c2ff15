#include "store/client_keys.h"

#include <atomic>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <sys/stat.h>
#include <thread>
#include <vector>

#include <airouter/testing.h>

#include "support/catch.h"
#include "support/temp_folder.h"

using namespace airouterd;
using namespace std::chrono_literals;

namespace {

std::string content_of(const std::string& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

struct World {
  TempFolder folder{};
  std::shared_ptr<airouter::testing::FakeClock> clock = std::make_shared<airouter::testing::FakeClock>();
  std::string file = folder.file("api_keys.json");
  std::unique_ptr<store::ClientKeys> keys = open();

  std::unique_ptr<store::ClientKeys> open() const { return std::make_unique<store::ClientKeys>(file, clock); }
  void restart() {
    keys.reset();
    keys = open();
  }

  store::ClientKeys::Made make(const std::string& name) const {
    store::ClientKeyFacts facts;
    facts.name = name;
    auto made = keys->create(facts);
    REQUIRE(made);
    return *std::move(made);
  }
};

}  // namespace

TEST_CASE("a key is made, found, and found again after a restart", "[keys][key-store]") {
  World world;
  CHECK_FALSE(world.keys->ever_made());
  CHECK(world.keys->find("") == nullptr);
  const auto made = world.make("bob");
  CHECK(world.keys->ever_made());
  CHECK(made.key.size() == 3 + 8 + 1 + 48);
  CHECK(made.key.starts_with("sk-" + made.facts.id + "-"));
  CHECK(content_of(world.file).find(made.key) == std::string::npos);
  CHECK(content_of(world.file).find(made.key.substr(12)) == std::string::npos);
  CHECK((std::filesystem::status(world.file).permissions() & std::filesystem::perms::all) ==
        (std::filesystem::perms::owner_read | std::filesystem::perms::owner_write));
  for (int starts = 0; starts < 2; ++starts) {
    const store::ClientKey* key = world.keys->find(made.key);
    REQUIRE(key != nullptr);
    CHECK(key->id() == made.facts.id);
    CHECK(key->is_enabled());
    CHECK_FALSE(world.keys->is_expired(*key));
    CHECK(key->models() == nullptr);
    CHECK(key->rate_limit() == 60);
    for (const std::string& wrong :
         {made.key + "0", made.key.substr(1), made.facts.id, std::string(1'000'000, 'a'),
          made.key + std::string(1, '\0'), store::to_hex(made.facts.hash)})
      CHECK(world.keys->find(wrong) == nullptr);
    world.restart();
  }
}

TEST_CASE("changes hold at once, for requests under way as well, and outlive a restart",
          "[keys][key-store]") {
  World world;
  const auto made = world.make("bob");
  store::ClientKey* key = world.keys->find(made.key);
  CHECK(world.keys->change(made.facts.id, {.is_enabled = false}));
  CHECK_FALSE(key->is_enabled());
  CHECK(world.keys->change(made.facts.id, {.name = "Rob", .is_enabled = true, .rate_limit = 7}));
  CHECK(key->rate_limit() == 7);
  CHECK(world.keys->change(made.facts.id, {.models = {{{"gpt-*"}}}}));
  const store::AllowedModels* old = key->models();
  REQUIRE(old != nullptr);
  CHECK(old->allow("gpt-4"));
  CHECK_FALSE(old->allow("claude"));
  CHECK(world.keys->change(made.facts.id, {.models = {{{"claude"}}}}));
  CHECK(old->allow("gpt-4"));  // a request that holds it goes on
  CHECK(key->models()->allow("claude"));
  const double now = std::chrono::duration<double>(world.clock->wall_now().time_since_epoch()).count();
  CHECK(world.keys->change(made.facts.id, {.expires_at = {{now + 1.5}}}));
  CHECK_FALSE(world.keys->is_expired(*key));
  world.clock->advance(1500ms);
  CHECK(world.keys->is_expired(*key));
  world.restart();
  key = world.keys->find(made.key);
  CHECK(world.keys->is_expired(*key));
  const auto facts = world.keys->get(made.facts.id);
  REQUIRE(facts);
  CHECK(facts->name == "Rob");
  CHECK(facts->models == std::vector<std::string>{"claude"});
  CHECK(world.keys->change(made.facts.id, {.models = std::optional<std::vector<std::string>>(),
                                           .expires_at = std::optional<double>()}));
  CHECK(key->models() == nullptr);
  CHECK_FALSE(world.keys->is_expired(*key));
  CHECK(world.keys->change("nobody", {}).error().http_status == 404);
}

TEST_CASE("a deleted key is gone, and the server stays closed", "[keys][key-store]") {
  World world;
  const auto made = world.make("bob");
  const store::ClientKey* key = world.keys->find(made.key);
  CHECK(world.keys->remove(made.facts.id));
  CHECK(world.keys->find(made.key) == nullptr);
  CHECK(key->is_removed());
  CHECK(key->id() == made.facts.id);  // a request that holds it goes on
  CHECK(world.keys->list().empty());
  CHECK(world.keys->remove(made.facts.id).error().http_status == 404);
  world.restart();
  CHECK(world.keys->find(made.key) == nullptr);
  CHECK(world.keys->ever_made());
}

TEST_CASE("counters are saved now and then and at the end, and only if they changed", "[keys][key-store]") {
  World world;
  const auto made = world.make("bob");
  const std::string before = content_of(world.file);
  for (int i = 0; i < 3; ++i)
    CHECK(world.keys->admit(*world.keys->find(made.key)).is_admitted);
  CHECK(content_of(world.file) == before);
  CHECK(world.keys->save_counters());
  CHECK(content_of(world.file) != before);
  std::filesystem::remove(world.file);
  CHECK(world.keys->save_counters());
  CHECK_FALSE(std::filesystem::exists(world.file));
  world.clock->advance(5s);
  world.keys->admit(*world.keys->find(made.key));
  world.restart();
  CHECK(world.keys->get(made.facts.id)->total_requests == 4);
  CHECK(world.keys->get(made.facts.id)->last_used == 1'767'225'606.0);
}

TEST_CASE("a save of one key leaves the others as they stand in the file", "[keys][key-store]") {
  World world;
  const auto bob = world.make("bob"), eve = world.make("eve"), kim = world.make("kim");
  world.keys->admit(*world.keys->find(eve.key));
  store::ClientKeyChange change;
  change.name = "robert";
  REQUIRE(world.keys->change(bob.facts.id, change));
  REQUIRE(world.keys->remove(kim.facts.id));
  const auto facts_of = [&](const store::ClientKeys::Made& made) {
    const auto file = store::parse_client_keys(content_of(world.file), store::Hasher());
    for (const store::ClientKeyFacts& facts : file.keys)
      if (facts.id == made.facts.id) return facts.name + " " + std::to_string(facts.total_requests);
    return std::string("gone");
  };
  CHECK(facts_of(bob) == "robert 0");
  CHECK(facts_of(eve) == "eve 0");
  CHECK(facts_of(kim) == "gone");
  REQUIRE(world.keys->save_counters());
  CHECK(facts_of(bob) == "robert 0");
  CHECK(facts_of(eve) == "eve 1");
  CHECK(facts_of(kim) == "gone");
}

TEST_CASE("what a limit keeps out is not counted", "[keys][key-store]") {
  World world;
  const auto made = world.make("bob");
  CHECK(world.keys->change(made.facts.id, {.rate_limit = 2}));
  store::ClientKey& key = *world.keys->find(made.key);
  CHECK(world.keys->admit(key).is_admitted);
  CHECK(world.keys->admit(key).is_admitted);
  CHECK_FALSE(world.keys->admit(key).is_admitted);
  CHECK(world.keys->get(made.facts.id)->total_requests == 2);
  world.clock->advance(30s);
  CHECK(world.keys->admit(key).is_admitted);
  CHECK(world.keys->change(made.facts.id, {.rate_limit = 0}));
  for (int i = 0; i < 1000; ++i)
    CHECK(world.keys->admit(key).is_admitted);
}

TEST_CASE("a file that cannot be read opens nothing, and is not written over", "[keys][key-store]") {
  World world;
  const auto made = world.make("bob");
  world.keys.reset();
  const std::string text = content_of(world.file);
  for (const std::string& torn : {text.substr(0, text.size() / 2), std::string(), std::string("[1")}) {
    world.folder.write("api_keys.json", torn);
    world.keys = world.open();
    REQUIRE(world.keys->warnings().size() == 1);
    CHECK(world.keys->warnings()[0].find(world.file) != std::string::npos);
    CHECK(world.keys->ever_made());
    CHECK(world.keys->find(made.key) == nullptr);
    CHECK_FALSE(world.keys->create({}));
    CHECK(world.keys->save_counters());
    world.keys.reset();
    CHECK(content_of(world.file) == torn);
  }
}

TEST_CASE("what cannot be saved does not happen", "[keys][key-store]") {
  World world;
  const auto made = world.make("bob");
  // A folder in the place of the file: nothing can replace it.
  std::filesystem::remove(world.file);
  std::filesystem::create_directory(world.file);
  CHECK(world.keys->is_saving_fine());
  const auto refused = world.keys->create({});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().message.find("api_keys.json") != std::string::npos);
  CHECK_FALSE(world.keys->is_saving_fine());
  CHECK(world.keys->list().size() == 1);
  CHECK_FALSE(world.keys->change(made.facts.id, {.name = "Rob"}));
  CHECK(world.keys->get(made.facts.id)->name == "bob");
  CHECK_FALSE(world.keys->remove(made.facts.id));
  CHECK(world.keys->find(made.key) != nullptr);
  world.keys->admit(*world.keys->find(made.key));
  CHECK_FALSE(world.keys->save_counters());
  std::filesystem::remove(world.file);
  CHECK(world.keys->save_counters());
  CHECK(world.keys->is_saving_fine());
  world.restart();
  CHECK(world.keys->get(made.facts.id)->total_requests == 1);
}

TEST_CASE("keys that stood in the file as they are do so no longer", "[keys][key-store]") {
  World world;
  world.keys.reset();
  world.folder.write("api_keys.json", R"({"keys":[{"key":"sk-canary-1","name":"a"}]})");
  ::chmod(world.file.c_str(), 0644);
  world.keys = world.open();
  CHECK(world.keys->find("sk-canary-1") != nullptr);
  CHECK(content_of(world.file).find("canary") == std::string::npos);
  CHECK((std::filesystem::status(world.file).permissions() & std::filesystem::perms::others_read) ==
        std::filesystem::perms::none);
  world.restart();
  CHECK(world.keys->find("sk-canary-1") != nullptr);
}

TEST_CASE("without a file keys live as long as the process", "[keys][key-store]") {
  store::ClientKeys keys({}, std::make_shared<airouter::testing::FakeClock>());
  CHECK_FALSE(keys.is_kept());
  CHECK_FALSE(keys.ever_made());
  const auto made = keys.create({});
  REQUIRE(made);
  CHECK(keys.find(made->key) != nullptr);
  CHECK(keys.save_counters());
}

TEST_CASE("requests read keys while the administrator changes them", "[keys][key-store]") {
  World world;
  store::ClientKeys keys({}, world.clock);
  const auto made = keys.create({});
  REQUIRE(made);
  std::atomic<bool> is_over{false};
  std::atomic<int> lost{0};
  std::vector<std::thread> readers;
  for (int i = 0; i < 3; ++i) {
    readers.emplace_back([&] {
      while (!is_over) {
        store::ClientKey* key = keys.find(made->key);
        if (key == nullptr) {
          ++lost;
          continue;
        }
        if (const store::AllowedModels* models = key->models(); models != nullptr && !models->allow("gpt-4"))
          ++lost;
        if (!key->is_enabled() || keys.is_expired(*key)) continue;
        keys.admit(*key);
      }
    });
  }
  for (int i = 0; i < 300; ++i) {
    const auto other = keys.create({});
    CHECK(keys.change(made->facts.id, {.name = std::to_string(i),
                                       .is_enabled = i % 2 == 0,
                                       .rate_limit = i,
                                       .models = {{{"gpt-*", std::to_string(i)}}}}));
    if (i % 2 == 0) CHECK(keys.remove(other->facts.id));
    keys.list();
  }
  is_over = true;
  for (std::thread& reader : readers)
    reader.join();
  CHECK(lost == 0);
}
