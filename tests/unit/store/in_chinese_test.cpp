// What is told in Chinese: no sentence that a person reads stays half English.
#include "store/in_chinese.h"

#include <cctype>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "store/config_store.h"
#include "store/log_entries.h"
#include "store/server_config.h"
#include "support/catch.h"
#include "support/paths.h"
#include "support/temp_folder.h"

using namespace airouterd::store;

namespace {

std::string content_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

bool has_chinese(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) >= 0xE3 && static_cast<unsigned char>(c) <= 0xE9;
  });
}

// Two English words one after the other, outside of what is quoted; "" if there are none.
std::string english_in(std::string_view text) {
  std::size_t words = 0, letters = 0;
  bool is_quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '"' || c == '\'') is_quoted = !is_quoted;
    if (is_quoted) {
      words = letters = 0;
    } else if (std::islower(static_cast<unsigned char>(c)) != 0) {
      if (++letters == 1 && ++words == 2) return std::string(text.substr(i > 20 ? i - 20 : 0, 40));
    } else {
      if (c != ' ') words = 0;
      letters = 0;
    }
  }
  return {};
}

void check_problems(const std::string& config) {
  for (const airouter::ConfigProblem& problem : parse_file(config).problems) {
    const std::string chinese = in_chinese(problem.message);
    CAPTURE(problem.message, chinese);
    CHECK(has_chinese(chinese));
    CHECK(english_in(chinese).empty());
  }
}

}  // namespace

TEST_CASE("what is wrong with a config is told in Chinese, too", "[store][chinese]") {
  CHECK(in_chinese("found 0; allowed is a whole number from 1 to 100") ==
        "实际为 0；应为 1 到 100 之间的整数");
  CHECK(in_chinese("found a string; allowed is a list") == "实际为 字符串；应为 列表");
  CHECK(in_chinese("a sentence that nobody knows") == "a sentence that nobody knows");
  CHECK(english_in("实际为 a string") == "实际为 a string");
  for (const auto& entry : std::filesystem::directory_iterator(source_root() + "/tests/fuzz/corpus/config"))
    check_problems(content_of(entry.path()));
  check_problems(R"({
  "max_retries": 101, "request_timeout": "120", "max_retires": 3, "zork": 1, "max_retries": 2,
  "model_map": { "gpt-4": [], "a": "x", "gpt-5": [7], "": ["m"], "c\nd": ["m"], "e": ["", "m\n"] },
  "providers": [
    { "base_url": "ftp://a.example", "api_key": "k", "weight": 0, "wieght": 3, "supported_models": ["m"] },
    "B",
    { "name": "A", "base_url": "http://a.example/?key=1", "api_key": "a b", "timeout": -1, "supported_models": "m" },
    { "name": "A", "base_url": "http://a.example/v1/chat/completions", "api_key": "env:AIROUTER_NOT_SET",
      "supported_models": ["m", ""], "enabled": 1 },
    { "name": "C", "base_url": "http://u:p@a.example", "api_key": "env:", "proxy": "gopher://x" },
    { "name": "D", "base_url": "http://[::1", "api_key": "file:/airouter/not/there" },
    { "name": "E", "base_url": "http://a:99999", "api_key": "file:/" },
    { "name": "F", "base_url": "http://a b" }, { "name": "G", "base_url": "http://" },
    { "name": "H\u0007", "base_url": "http://a\\b#c", "api_key": "\n" }
  ],
  "timeouts": { "connect": 0, "idle": 86401, "first_output": "x" },
  "cooldown": { "timeout": -1, "max_multiplier": 0.5 },
  "server_host": "a b", "server_port": 70000, "client_auth": "zork", "public_url": "x",
  "allowed_hosts": ["a/b", 7], "allowed_origins": ["x"], "trusted_proxies": ["10.0.0.0/99"],
  "admin": { "auth": "zork", "password_hash": "x" }, "body_limit_mb": 0,
  "log": { "keep_days": 1.5, "enabled": 1 } })");
  for (const auto* text : {"", "[]", "{", "{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\":[1", "{\"a\":\"\\x\"}",
                           "{\"a\":\"\\u12\"}", "{\"a\":\"\\ud800\"}", "{\"a\":1e}", "{\"a\":1.}",
                           "{\"a\":\"\xFF\"}", "{} {}", "{\"a\":zork}", "{\"a\":\"x"})
    check_problems(text);
  check_problems(std::string(600, '['));
  check_problems(std::string("{}\0", 3));
}

TEST_CASE("why a file could not be read or written is told in Chinese, too", "[store][chinese]") {
  for (const int error : {ENOSPC, EDQUOT, EFBIG, EROFS, EACCES, EPERM, EIO, ENOENT, EISDIR, ENOTDIR, EMFILE,
                          ELOOP, ENAMETOOLONG, EBUSY, ENOMEM}) {
    const std::string chinese = in_chinese(std::string("cannot save '/a b c/d': ") + std::strerror(error));
    CAPTURE(chinese);
    CHECK(chinese.starts_with("无法保存“/a b c/d”："));
    CHECK(has_chinese(chinese.substr(chinese.find("：") + 3)));
  }
  const TempFolder folder;
  ConfigPlace place;
  place.file = folder.file("missing.json");
  ConfigStore store(place);
  const std::string reason = store.load(true).reason;
  CAPTURE(reason);
  CHECK(has_chinese(in_chinese(reason)));
  CHECK(english_in(airouterd::store::in_chinese("problems: 3, the first in line 4 /a")).empty());
}

TEST_CASE("records of the server itself have their message in Chinese, too", "[log][chinese]") {
  airouter::HealthEvent event;
  event.provider = "deepseek";
  event.model = "chat";
  event.from = airouter::HealthState::healthy;
  event.to = airouter::HealthState::cooling;
  event.cause = airouter::FailureKind::rate_limited;
  event.lasts = std::chrono::seconds(60);
  const LogEntry entry = entry_of(event);
  CHECK(entry.chinese == "deepseek/chat：正常 → 冷却中（限流），持续 " +
                             entry.message.substr(entry.message.find(" for ") + 5));
  CHECK(entry_of(Note{LogLevel::info, "model map replaced", "已替换模型映射"}).chinese == "已替换模型映射");
  RequestRefused refused;
  refused.reason = "not let in to administration";
  refused.status = 401;
  refused.is_counted = false;
  CHECK(entry_of(refused).chinese == "已拒绝：未获准进入管理接口");
  std::string line;
  append_line(line, entry_of(Note{LogLevel::info, "a", "甲"}), {20261118, 7, 8, 9});
  CHECK(line.find(R"("message_zh":"甲","result")") != std::string::npos);
}
