#include <chrono>
#include <sys/stat.h>
#include <unistd.h>

#include "support/catch.h"
#include "support/paths.h"
#include "unit/config/config_text.h"

using namespace airouter;
using namespace std::chrono_literals;

namespace {

constexpr std::string_view old_file = R"({
  "server_port": 8000,
  "server_host": "0.0.0.0",
  "max_retries": 3,
  "request_timeout": 120,
  "model_map": {
    "gpt-4": ["gpt-4", "gpt-4-0613", "gpt-4-turbo"]
  },
  "providers": [
    {
      "name": "Site_A",
      "base_url": "https://api.site-a.example/v1",
      "api_key": "sk-0123456789abcdef4963",
      "weight": 10,
      "timeout": 60,
      "supported_models": ["gpt-3.5-turbo", "gpt-4"],
      "enabled": true,
      "proxy": ""
    },
    {
      "name": "站点 B",
      "base_url": "https://api.site-b.example",
      "api_key": "sk-b",
      "weight": 5,
      "timeout": null,
      "supported_models": ["gpt-4-*"],
      "enabled": false,
      "proxy": null
    }
  ]
})";

}  // namespace

TEST_CASE("a file of the earlier program loads as it is", "[config]") {
  CHECK(report(old_file) ==
        "7:14 /model_map/gpt-4: warning: no enabled provider supports gpt-4-0613, gpt-4-turbo\n");
  const auto config = parse_config(old_file, server_keys);
  REQUIRE(config);
  CHECK(config->max_retries == 3);
  CHECK(shown(config->timeouts) == "10000/120000/120000/3600000");
  REQUIRE(config->model_map.size() == 1);
  CHECK(config->model_map[0].name == "gpt-4");
  CHECK(config->model_map[0].models == std::vector<std::string>{"gpt-4", "gpt-4-0613", "gpt-4-turbo"});
  REQUIRE(config->providers.size() == 2);
  const Provider& a = config->providers[0];
  const Provider& b = config->providers[1];
  CHECK(a.name == "Site_A");
  CHECK(a.base_url == "https://api.site-a.example/v1");
  CHECK(a.api_key.reveal() == "sk-0123456789abcdef4963");
  CHECK(a.weight == 10);
  CHECK(a.enabled);
  CHECK(a.proxy.empty());
  CHECK(a.supported_models == std::vector<std::string>{"gpt-3.5-turbo", "gpt-4"});
  CHECK(shown(timeouts_of(*config, a)) == "10000/60000/60000/3600000");
  CHECK(b.name == "站点 B");
  CHECK_FALSE(b.enabled);
  CHECK_FALSE(b.timeouts);
  CHECK(&timeouts_of(*config, b) == &config->timeouts);
}

TEST_CASE("an empty object is a config with every default", "[config]") {
  const auto config = parse_config("{}");
  REQUIRE(config);
  CHECK(report("{}").empty());
  CHECK(config->providers.empty());
  CHECK(config->max_retries == 3);
  CHECK(config->rewrite_response_model);
  CHECK(config->cooldown.server_error == 300s);
}

TEST_CASE("every key of the library reaches its field", "[config]") {
  const auto config = parse_config(R"({
    "max_retries": 7, "rewrite_response_model": false,
    "timeouts": {"connect": 1, "first_output": 2, "idle": 3.5, "total": 4e1},
    "cooldown": {"rate_limited": 1, "server_error": 2, "timeout": 3, "network_error": 4, "overloaded": 0.25,
                 "bad_answer": 0, "honor_retry_after": false},
    "exponential_backoff": {"base_multiplier": 1.5, "max_multiplier": 8},
    "providers": [{"name": "A", "base_url": "http://127.0.0.1:11434", "weight": 10.0, "proxy": "none",
                   "protocol": "openai", "enabled": false, "supported_models": ["*"]}]})");
  REQUIRE(config);
  CHECK(config->max_retries == 7);
  CHECK_FALSE(config->rewrite_response_model);
  CHECK(shown(config->timeouts) == "1000/2000/3500/40000");
  const CooldownPolicy& c = config->cooldown;
  CHECK(fmt::format("{} {} {} {} {} {}", c.rate_limited.count(), c.server_error.count(), c.timeout.count(),
                    c.network.count(), c.overloaded.count(),
                    c.bad_answer.count()) == "1000 2000 3000 4000 250 0");
  CHECK_FALSE(c.honor_retry_after);
  CHECK(c.multiplier == 1.5);
  CHECK(c.multiplier_max == 8);
  CHECK(config->providers[0].weight == 10);
  CHECK(config->providers[0].proxy == "none");
  CHECK_FALSE(config->providers[0].enabled);
}

TEST_CASE("the nearer time-out wins, wherever it stands in the file", "[config]") {
  const auto times = [](std::string_view root, std::string_view provider) {
    const std::string json =
        fmt::format(R"({{"providers":[{{"name":"A","base_url":"http://a.example"{}}}]{}}})", provider, root);
    const auto config = parse_config(json);
    REQUIRE(config);
    return shown(timeouts_of(*config, config->providers[0]));
  };
  CHECK(times("", "") == "10000/120000/120000/3600000");
  CHECK(times(R"(,"request_timeout":30)", "") == "10000/30000/30000/3600000");
  CHECK(times(R"(,"timeouts":{"idle":5},"request_timeout":30)", "") == "10000/30000/5000/3600000");
  CHECK(times(R"(,"timeouts":{"idle":5,"connect":2},"request_timeout":30)", R"(,"timeout":60)") ==
        "2000/60000/60000/3600000");
  CHECK(times(R"(,"timeouts":{"idle":5})", R"(,"timeouts":{"connect":1,"total":9})") ==
        "1000/120000/5000/9000");
  CHECK(times("", R"(,"timeout":60,"timeouts":{"idle":5,"connect":1})") == "1000/60000/60000/3600000");
  CHECK(times(R"(,"request_timeout":null,"timeouts":null)", R"(,"timeout":null,"timeouts":null)") ==
        "10000/120000/120000/3600000");
}

TEST_CASE("a time-out that another one hides is pointed out", "[config]") {
  CHECK(messages(with_provider(R"("timeout":60,"timeouts":{"idle":5,"connect":1})")) ==
        "/providers/0/timeouts/idle: warning: has no effect; timeout beside it sets this one\n");
}

TEST_CASE("comments, a byte order mark and CRLF are part of the format, and places still hold", "[config]") {
  const std::string json =
      "\xEF\xBB\xBF{ // first: {\r\n  /* \"max_retries\": 1, */ \"max_retries\": 0\r\n}\r\n";
  CHECK(report(json) == "2:42 /max_retries: found 0; allowed is a whole number from 1 to 100\n");
  CHECK(report("\xEF\xBB\xBF{\"max_retries\": 0}") ==
        "1:17 /max_retries: found 0; allowed is a whole number from 1 to 100\n");
}

TEST_CASE("a parsed config fails with all fatal problems and no warning", "[config]") {
  const auto config = parse_config("{\"max_retries\": 0,\n \"unknown\": 1, \"timeouts\": []}");
  REQUIRE_FALSE(config);
  CHECK(config.error().code == ErrorCode::invalid_config);
  CHECK(config.error().message ==
        "1:17 /max_retries: found 0; allowed is a whole number from 1 to 100\n"
        "2:28 /timeouts: found a list; allowed is an object");
}

TEST_CASE("loading says in a sentence why a file cannot be read", "[config]") {
  const TemporaryFolder folder;
  const auto message = [](const std::filesystem::path& file) {
    const auto config = load_config(file);
    REQUIRE_FALSE(config);
    CHECK(config.error().code == ErrorCode::invalid_config);
    return config.error().message;
  };
  const std::string root = folder.path().string();
  CHECK(message(folder.path() / "none.json") == "the config file '" + root + "/none.json' does not exist");
  CHECK(message(folder.path()) == "the config file '" + root + "' is a directory");
  CHECK(message(folder.write("large.json", std::string(16 * 1024 * 1024 + 1, ' '))) ==
        "the config file '" + root + "/large.json' is larger than 16 MiB");
  CHECK(message(folder.write("bad.json", "{\n  \"max_retries\": 0}")) ==
        root + "/bad.json:2:18 /max_retries: found 0; allowed is a whole number from 1 to 100");
  CHECK(message(folder.write("empty.json", "")) ==
        root + "/empty.json:1:1: invalid JSON: the document is empty");
  const auto under_a_file = message(folder.write("file", "") / "config.json");
  CHECK(under_a_file.find("the config file '") == 0);
  if (geteuid() != 0) {  // root may read everything
    const auto locked = folder.write("locked.json", "{}");
    chmod(locked.c_str(), 0);
    CHECK(message(locked) == "the config file '" + locked.string() + "' cannot be read: Permission denied");
  }
}

TEST_CASE("a file loads like its text", "[config]") {
  const TemporaryFolder folder;
  const auto config = load_config(folder.write("config.json", old_file), server_keys);
  REQUIRE(config);
  CHECK(config->providers.size() == 2);
}

TEST_CASE("a text of more than 16 MiB is refused unread", "[config]") {
  CHECK(report(std::string(16 * 1024 * 1024 + 1, ' ')) == "the config is larger than 16 MiB\n");
}

TEST_CASE("the example file has no problem", "[config]") {
  const std::string text = text_of(source_root() + "/airouterd/config.example.json");
  REQUIRE_FALSE(text.empty());
  CHECK(report(text).empty());
  CHECK(parse_config(text, server_keys)->providers.size() == 2);
}
