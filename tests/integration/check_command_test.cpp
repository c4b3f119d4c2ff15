#include <algorithm>
#include <string>
#include <string_view>

#include "integration/gateway.h"
#include "support/catch.h"

// `airouterd check` on files that AI-Router-Lite could have written, and on others.
namespace {

using namespace gateway;

bool holds(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

constexpr std::string_view old_file = R"({"server_port": 8000, "server_host": "0.0.0.0", "max_retries": 3,
  "request_timeout": 90, "model_map": {"best": ["m"]}, "providers": [
  {"name": "A", "base_url": "https://a.example/v1", "api_key": "sk-canary-A", "weight": 10, "timeout": 60,
   "supported_models": ["m"]},
  {"name": "B", "base_url": "https://b.example/v1", "api_key": "env:AIROUTER_NOT_SET", "enabled": false}])";

std::string checked(const std::string& text, const std::string& language = "en") {
  const TempFolder folder;
  const std::string file = folder.write("config.json", text);
  ChildProcess process(airouterd_program(), {"check", file, "--lang", language});
  REQUIRE(process.wait() == 0);
  const std::string output = process.output();
  CHECK_FALSE(holds(output, canary));
  const auto named = output.rfind(file);
  return named == std::string::npos ? output : output.substr(named + file.size());
}

// What a report has after a line that ends so.
std::string after(const std::string& report, const std::string& line) {
  const auto at = report.find(line + "\n");
  return at == std::string::npos ? "nothing" : report.substr(at + line.size() + 1);
}

}  // namespace

TEST_CASE("check says what a file of the old program means, and what differs", "[config][daemon]") {
  CHECK(checked(std::string(old_file) + "}") ==
        R"( is fine: 2 providers, 1 mapped models

What it means
  listens on 0.0.0.0:8000, on every network of this machine
  a request has 3 attempts, each at another provider, and 60 min in all
  A: weight 10, 1 model; given up after 10 s to connect, 60 s without output, 60 s of silence
  B: off, its key cannot be found
  best -> m

What differs from AI-Router-Lite v0.4
  server_host: taken at its word, but whoever is not on this machine needs a client key
  request_timeout: seconds without a byte; the old program meant the whole request, which is timeouts.total here, an hour
  timeout of a provider: seconds without a byte, too
  max_retries: attempts with the first one, each at another provider
  the panel and /api want the admin token that the first start makes
  429, 5xx and wrong answers take one model out at that provider, not the whole provider
  after a 429 that is for as long as the provider's Retry-After says, else for 60 s
  an error of the request itself goes to the client at once; it is tried nowhere else
  answers name the model that was asked for, not the provider's name of it
  logs are kept for 30 days, and up to 1 GB
  docs/differences.md has all of it, and how to have the old way back
)");
}

TEST_CASE("check leaves out of the differences what the file itself settles", "[config][daemon]") {
  const std::string settled = checked(std::string(old_file) + R"(,
    "timeouts": {"total": 120}, "cooldown": {"honor_retry_after": false}, "rewrite_response_model": false,
    "admin": {"auth": "token"}, "log": {"keep_days": 7}, "max_in_flight": 7})");
  CHECK(after(settled, "What differs from AI-Router-Lite v0.4") ==
        R"(  server_host: taken at its word, but whoever is not on this machine needs a client key
  max_retries: attempts with the first one, each at another provider
  429, 5xx and wrong answers take one model out at that provider, not the whole provider
  an error of the request itself goes to the client at once; it is tried nowhere else
  docs/differences.md has all of it, and how to have the old way back
)");
  CHECK(holds(checked(R"({"max_in_flight": 7, "max_retries": 1})"), "max_retries: attempts"));
  CHECK_FALSE(holds(checked(R"({"max_in_flight": 7})"), "AI-Router-Lite"));
}

TEST_CASE("check speaks Chinese when it is asked to", "[config][daemon]") {
  const std::string report = checked(std::string(old_file) + R"(, "max_in_flight": 7})", "zh");
  CHECK(report.starts_with(R"( 没有问题：2 个 Provider，1 个模型映射

它的含义
  监听 0.0.0.0:8000，即本机的所有网络
  每个请求最多尝试 3 次，每次使用不同的 Provider，总共最多 60 min
  A：权重 10，1 个模型；10 s 内未连接、60 s 内无输出或静默 60 s 后放弃
  B：已停用，找不到它的密钥
  best -> m

与 AI-Router-Lite v0.4 的差异
  server_host：)"));
  // The same rows as in English, and no English word but the names of things.
  const std::string english = checked(std::string(old_file) + R"(, "max_in_flight": 7})");
  CHECK(std::count(report.begin(), report.end(), '\n') == std::count(english.begin(), english.end(), '\n'));
  for (const auto* word : {" the ", " a ", "needs", "seconds", "is fine"})
    CHECK_FALSE(holds(report, word));
}

TEST_CASE("check names what is wrong in the reader's language", "[config][daemon]") {
  const TempFolder folder;
  const std::string file = folder.write(
      "config.json",
      R"({"max_retrise": 3, "server_port": 99999, "providers": [{"name": "A", "base_url": "x"}]})");
  const auto said = [&](const std::string& language) {
    ChildProcess process(airouterd_program(), {"check", file, "--lang", language});
    CHECK(process.wait() == 3);
    return process.output();
  };
  CHECK(holds(said("en"), "/max_retrise: warning: unknown key; the nearest known one is \"max_retries\"\n"));
  const std::string chinese = said("zh");
  CHECK(holds(chinese, file + ":1:2 /max_retrise: 警告：未知的键；最接近的是 \"max_retries\"\n"));
  CHECK(holds(chinese, "/server_port: 实际为 99999；应为 0 到 65535 之间的数\n"));
  CHECK_FALSE(holds(chinese, "allowed is"));

  folder.write("config.json", R"({"admin": {"auth": "none"}, "server_host": "0.0.0.0"})");
  CHECK(holds(said("en"), file + ":/admin/auth: admin.auth \"none\" lets whoever"));
  CHECK(holds(said("zh"), file + ":/admin/auth: admin.auth 为 \"none\" 时"));
}
