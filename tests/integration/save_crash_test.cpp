#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "demo/chat_scripts.h"
#include "demo/scripted_provider.h"
#include "integration/admin_client.h"
#include "integration/crowd.h"
#include "integration/kills.h"
#include "store/client_keys_file.h"
#include "store/server_config.h"
#include "support/catch.h"

// Saves of the config and of client keys while the process dies, and while many save at once.
namespace {

using namespace airouterd::demo;
using namespace gateway;

// What the model map of a config file has: name and first model. Nothing: the file cannot be used.
std::optional<std::map<std::string, std::string>> map_in(const std::string& file) {
  const auto parsed = airouterd::store::parse_file(content_of(file));
  if (!parsed.is_usable()) return std::nullopt;
  std::map<std::string, std::string> map;
  for (const auto& mapping : parsed.routing.model_map)
    map[mapping.name] = mapping.models.front();
  return map;
}

// What the file of client keys has: name, and limit as text. Nothing: the file cannot be used.
std::optional<std::map<std::string, std::string>> limits_in(const std::string& file) {
  const auto parsed = airouterd::store::parse_client_keys(content_of(file), airouterd::store::Hasher());
  if (!parsed.problem.empty() || !parsed.warnings.empty()) return std::nullopt;
  std::map<std::string, std::string> limits;
  for (const auto& key : parsed.keys)
    limits[key.name] = std::to_string(key.rate_limit);
  return limits;
}

// An airouterd that is started again and again in one folder.
class Phoenix {
 public:
  explicit Phoenix(const std::string& config) { folder_.write("config.json", config); }

  std::string config_file() const { return folder_.file("config.json"); }
  std::string keys_file() const { return folder_.file("data/api_keys.json"); }
  std::string folder() const { return folder_.file(""); }

  void rise() {
    process_ = std::make_unique<ChildProcess>(
        airouterd_program(), std::vector<std::string>{"-c", config_file(), "--port", "0", "--lang", "en"});
    port_ = announced_port(*process_);
    INFO(process_->output() << process_->errors());
    REQUIRE(port_ > 0);
    token_ = content_of(folder_.file("data/admin_token"));
    token_.pop_back();
  }
  void kill() {
    process_->signal(SIGKILL);
    REQUIRE(process_->wait());
  }

  RawAnswer send(RawClient& client, std::string_view method, const std::string& target,
                 const std::string& body) const {
    const bool sent =
        client.send(raw_request(method, target, body, "authorization: Bearer " + token_ + "\r\n"));
    return sent ? client.read_answer() : RawAnswer();
  }

  // False: it is not there any more.
  bool set(RawClient& client, const std::string& name, const std::string& model) const {
    return send(client, "PUT", "/api/model-map/" + name, "[\"" + model + "\"]").status == 200;
  }

  // Runs it, and kills it while `save` is called with a client and 0, 1, 2, … until it says false.
  void die(std::mt19937& random, const std::function<bool(RawClient&, int)>& save) {
    rise();
    std::atomic<int> sent{0};
    std::thread writer([&] {
      RawClient client(port_);
      for (int i = 0;; ++i) {
        ++sent;
        if (!save(client, i)) return;
      }
    });
    while (sent < 2)
      std::this_thread::yield();
    std::this_thread::sleep_for(std::chrono::microseconds(std::uniform_int_distribution(0, 20'000)(random)));
    kill();
    writer.join();
  }
  int port() const { return port_; }

 private:
  TempFolder folder_{};
  std::unique_ptr<ChildProcess> process_{};
  int port_ = 0;
  std::string token_{};
};

}  // namespace

TEST_CASE("a process that is killed while it saves leaves a file that is whole, with every save it confirmed",
          "[config][crash][daemon]") {
  Phoenix daemon("{\n  // by hand\n  \"model_map\": {}, // end\n  \"x-padding\": \"" +
                 std::string(100'000, 'x') + "\"\n}\n");
  std::mt19937 random(1);
  std::map<std::string, std::string> confirmed;
  int lost = 0, unreadable = 0, saves = 0;
  for (int round = 0; round < kills(); ++round) {
    daemon.die(random, [&](RawClient& client, int i) {
      const std::string name = "n" + std::to_string(i % 7),
                        model = std::to_string(round) + "-" + std::to_string(i);
      if (!daemon.set(client, name, model)) return false;
      confirmed[name] = model;
      return ++saves > 0;
    });
    const auto map = map_in(daemon.config_file());
    if (!map) {
      ++unreadable;
      break;
    }
    for (const auto& [name, model] : confirmed) {
      const auto found = map->find(name);
      // The save that was under way may have reached the file without being confirmed.
      const auto number = [](const std::string& text) {
        return std::pair(std::atoi(text.c_str()), std::atoi(text.c_str() + text.find('-') + 1));
      };
      if (found == map->end() || number(found->second) < number(model)) ++lost;
    }
  }
  INFO("saves confirmed: " << saves);
  CHECK(unreadable == 0);
  CHECK(lost == 0);
  CHECK(saves >= kills());
  const std::string text = content_of(daemon.config_file());
  CHECK(text.starts_with("{\n  // by hand\n  \"model_map\": {\n"));
  daemon.rise();
  RawClient client(daemon.port());
  CHECK(daemon.set(client, "last", "one"));
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(daemon.folder()))
    files += entry.is_regular_file() ? 1 : 0;
  CHECK(files == 1);
}

TEST_CASE("a process that is killed while it saves client keys loses none, and no change that it confirmed",
          "[keys][crash][daemon]") {
  Phoenix daemon(config_text({}));
  constexpr int keys = 5, limits = 1'000'000;
  std::mt19937 random(1);
  std::map<std::string, std::string> ids;  // of the keys that are there in every round
  daemon.rise();
  for (int i = 0; i < keys; ++i) {
    RawClient client(daemon.port());
    const std::string name = "k" + std::to_string(i);
    const RawAnswer made = daemon.send(client, "POST", "/api/keys", R"({"name":")" + name + "\"}");
    REQUIRE(made.status == 200);
    ids[name] = member_of(made.body, {"info", "key_id"});
  }
  daemon.kill();
  std::map<std::string, std::string> confirmed, last_sent;
  int lost = 0, unreadable = 0, saves = 0, number = 0;
  // One key more or one limit changed, in turn, each with a number that only grows.
  const auto save = [&](RawClient& client, int i) {
    const std::string text = std::to_string(++number % limits);
    const bool is_new = i % 2 == 1;
    const std::string name = is_new ? "new" + text : "k" + std::to_string(i / 2 % keys);
    last_sent = {{name, text}};
    const RawAnswer answer =
        is_new ? daemon.send(client, "POST", "/api/keys",
                             R"({"name":")" + name + R"(","rate_limit":)" + text + "}")
               : daemon.send(client, "PUT", "/api/keys/" + ids[name], R"({"rate_limit":)" + text + "}");
    if (answer.status != 200) return false;
    confirmed[name] = text;
    return ++saves > 0;
  };
  for (int round = 0; round < kills(); ++round) {
    daemon.die(random, save);
    const auto found = limits_in(daemon.keys_file());
    if (!found) {
      ++unreadable;
      break;
    }
    // The save that was under way may have reached the file without being confirmed.
    for (const auto& [name, limit] : confirmed) {
      const auto in_file = found->find(name);
      const auto sent = last_sent.find(name);
      const bool is_there = in_file != found->end();
      const bool is_as_sent = is_there && sent != last_sent.end() && in_file->second == sent->second;
      if (!is_there || (in_file->second != limit && !is_as_sent)) ++lost;
    }
    for (const auto& [name, limit] : last_sent)
      if (const auto in_file = found->find(name); in_file != found->end()) confirmed[name] = in_file->second;
  }
  INFO("saves confirmed: " << saves);
  CHECK(unreadable == 0);
  CHECK(lost == 0);
  CHECK(saves >= kills());
}

TEST_CASE("fifty administrators at once, under load: each save is in the file, and no request fails",
          "[config][daemon]") {
  ScriptedProvider provider(saying({"Hi"}));
  Gateway daemon({{"A", provider.base_url()}}, "\"model_map\": {}");
  const AdminClient admin(daemon);
  constexpr int writers = 50, saves_each = 6;
  std::atomic<int> refused{0}, unreadable{0}, done{0};
  Load traffic;
  std::thread crowd([&] { traffic = load(daemon.port(), 4, is_sanitized ? 4s : 3s); });
  std::thread reader([&] {
    while (done < writers) {
      if (!map_in(daemon.folder().file("config.json"))) ++unreadable;
      std::this_thread::sleep_for(1ms);
    }
  });
  std::vector<std::thread> administrators;
  for (int writer = 0; writer < writers; ++writer)
    administrators.emplace_back([&, writer] {
      RawClient client(daemon.port());
      for (int i = 0; i < saves_each; ++i) {
        const std::string name = "w" + std::to_string(writer) + "-" + std::to_string(i);
        client.send(admin.request("PUT", "/api/model-map/" + name, R"(["gpt-4"])"));
        if (client.read_answer(60s).status != 200) ++refused;
      }
      ++done;
    });
  for (std::thread& administrator : administrators)
    administrator.join();
  crowd.join();
  reader.join();
  CHECK(refused == 0);
  CHECK(unreadable == 0);
  CHECK(traffic.odd == 0);
  CHECK(traffic.refused == 0);
  CHECK(traffic.served > 0);
  const auto map = map_in(daemon.folder().file("config.json"));
  REQUIRE(map);
  CHECK(map->size() == writers * saves_each);
  CHECK(daemon.post(chat_body(false, "w49-5")).status == 200);
}
