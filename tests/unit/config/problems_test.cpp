#include "support/catch.h"
#include "unit/config/config_text.h"

using namespace airouter;

TEST_CASE("every problem of a file is named with its place", "[config]") {
  CHECK(report(R"({
  "max_retries": 101,
  "request_timeout": "120",
  "max_retires": 3,
  "model_map": { "gpt-4": [], "a/b~c": "x", "gpt-5": [7] },
  "providers": [
    { "base_url": "ftp://a.example", "api_key": "k", "weight": 0, "wieght": 3, "supported_models": ["m"] },
    "B",
    { "name": "A", "base_url": "http://a.example/?key=1", "api_key": "k", "timeout": -1, "supported_models": "m" },
    { "name": "A", "base_url": "http://a.example", "api_key": "k", "supported_models": ["m", ""], "enabled": 1 }
  ],
  "timeouts": { "connect": 0, "idle": 86401 },
  "cooldown": { "netwrok_error": 60 },
  "log": { "keep_days": 1.5, "max_md": 5 }
})") ==
        R"(2:18 /max_retries: found 101; allowed is a whole number from 1 to 100
3:22 /request_timeout: found a string; allowed is a number of seconds from 0.001 to 86400
4:3 /max_retires: warning: unknown key; the nearest known one is "max_retries"
5:27 /model_map/gpt-4: found no model; allowed is at least one
5:40 /model_map/a~1b~0c: warning: no enabled provider supports x, so nobody can answer this name
5:55 /model_map/gpt-5/0: found 7; allowed is a string
7:5 /providers/0/name: found nothing; allowed is 1 to 128 bytes of text without control characters
7:19 /providers/0/base_url: found another scheme, or none; allowed is http:// or https://, a host, and optionally a port and a path
7:64 /providers/0/weight: found 0; allowed is a whole number from 1 to 1000000
7:67 /providers/0/wieght: warning: unknown key; the nearest known one is "weight"
8:5 /providers/1: found a string; allowed is an object
9:32 /providers/2/base_url: found a query; allowed is http:// or https://, a host, and optionally a port and a path
9:86 /providers/2/timeout: found -1; allowed is a number of seconds from 0.001 to 86400
9:110 /providers/2/supported_models: found a string; allowed is a list
10:15 /providers/3/name: found the name of /providers/2 again; allowed is a name of its own
10:94 /providers/3/supported_models/1: found nothing; allowed is 1 to 512 bytes of text without control characters
10:110 /providers/3/enabled: found 1; allowed is true or false
12:28 /timeouts/connect: found 0; allowed is a number of seconds from 0.001 to 86400
12:39 /timeouts/idle: found 86401; allowed is a number of seconds from 0.001 to 86400
13:17 /cooldown/netwrok_error: warning: unknown key; the nearest known one is "network_error"
14:25 /log/keep_days: found 1.5; allowed is a whole number
14:30 /log/max_md: warning: unknown key; the nearest known one is "max_mb"
)");
}

TEST_CASE("invalid JSON is one problem with its place", "[config]") {
  CHECK(check_config("{\"a\": 1,\n \"b\" 2}").size() == 1);
  CHECK(report("{\"a\": 1,\n \"b\" 2}").find("2:6: invalid JSON: ") == 0);
  CHECK(report("[]") == "1:1: found a list; allowed is an object\n");
  CHECK(report("").find("1:1: invalid JSON: ") == 0);
  CHECK(report(std::string(600, '[')).find("invalid JSON: nested too deeply") != std::string::npos);
  CHECK(report(std::string("{}\0", 3)) == "1:3: invalid JSON: a NUL byte\n");
}

TEST_CASE("numbers keep to their range however they are written", "[config]") {
  const auto weight = [](std::string_view number) {
    return messages(with_provider(fmt::format(R"("weight":{})", number)));
  };
  for (const char* number : {"1", "1000000", "10.0", "1e3"})
    CHECK(weight(number).empty());
  for (const char* number :
       {"0", "-1", "1000001", "1.5", "1e300", "-0.0", "99999999999999999999999", "true"}) {
    INFO(number);
    const std::string allowed = "; allowed is a whole number from 1 to 1000000\n";
    CHECK(weight(number) == fmt::format("/providers/0/weight: found {}", number) + allowed);
  }
  const std::string long_number = weight(std::string(5000, '9'));
  CHECK(long_number.size() < 200);
  for (const char* number : {"0.001", "86400", "1e-3", "0.5"})
    CHECK(messages(with_provider(fmt::format(R"("timeout":{})", number))).empty());
  for (const char* number : {"0", "0.0009", "86400.001", "1e300", "1e999", "-1e999", "-0.0001"})
    CHECK_FALSE(messages(with_provider(fmt::format(R"("timeout":{})", number))).empty());
  for (const char* number : {"0", "0.0", "86400"})
    CHECK(messages(fmt::format(R"({{"cooldown":{{"timeout":{}}}}})", number)).empty());
  CHECK(messages(R"({"cooldown":{"timeout":-0.0001}})") ==
        "/cooldown/timeout: found -0.0001; allowed is a number of seconds from 0 to 86400\n");
}

TEST_CASE("growth that its maximum prevents is pointed out", "[config]") {
  CHECK(messages(R"({"exponential_backoff":{"base_multiplier":2}})") ==
        "/exponential_backoff/base_multiplier: warning: found 2; max_multiplier, which is 1, keeps it from "
        "having its "
        "effect\n");
  CHECK(messages(R"({"exponential_backoff":{"base_multiplier":0.5,"max_multiplier":1e5}})") ==
        "/exponential_backoff/base_multiplier: found 0.5; allowed is a number from 1 to 100\n"
        "/exponential_backoff/max_multiplier: found 1e5; allowed is a number from 1 to 10000\n");
}

TEST_CASE("a key that stands twice is a problem at every depth, also in what the program owns", "[config]") {
  CHECK(
      report(
          R"({"max_retries":1,"max_retries":2,"log":{"keep_days":1,"keep_days":2},"model_map":{"a":"b","\u0061":"c"}})") ==
      "1:18 /max_retries: found this key a second time; allowed is once\n"
      "1:55 /log/keep_days: found this key a second time; allowed is once\n"
      "1:91 /model_map/a: found this key a second time; allowed is once\n");
}

TEST_CASE("null is the same as absent", "[config]") {
  CHECK(report(R"({"max_retries":null,"timeouts":null,"cooldown":{"timeout":null},"model_map":{"a":null},)"
               R"("providers":null,"server_port":null,"log":null})")
            .empty());
  CHECK(messages(R"({"providers":[null]})") == "/providers/0: found null; allowed is an object\n");
  CHECK(messages(R"({"providers":[{"name":null,"base_url":null,"enabled":false}]})") ==
        "/providers/0/name: found nothing; allowed is 1 to 128 bytes of text without control characters\n"
        "/providers/0/base_url: found nothing; allowed is http:// or https://, a host, and optionally a port "
        "and a path\n");
}

TEST_CASE("the program's own keys are neither unknown nor unchecked", "[config]") {
  CHECK(report(R"({"server_port":8000,"admin":{"auth":"token"},"log":{},"commit_after":1.5})").empty());
  CHECK(messages(R"({"server_port":"8000"})") == "/server_port: found a string; allowed is a whole number\n");
  CHECK(messages(R"({"server_port":8000.5})") == "/server_port: found 8000.5; allowed is a whole number\n");
  CHECK(messages(R"({"admin":[]})") == "/admin: found a list; allowed is an object\n");
  CHECK(messages(R"({"log":3})") == "/log: found 3; allowed is an object\n");
  CHECK(messages(R"({"allowed_hosts":"a"})") == "/allowed_hosts: found a string; allowed is a list\n");
  CHECK(messages(R"({"admin":{"ath":"token"}})") ==
        "/admin/ath: warning: unknown key; the nearest known one is \"auth\"\n");
  CHECK(messages(R"({"server_prot":1})") ==
        "/server_prot: warning: unknown key; the nearest known one is \"server_port\"\n");

  CHECK(lines(check_config(R"({"server_port":1})")) == "1:2 /server_port: warning: unknown key\n");
  constexpr KeySpec specs[] = {{"/extra", "any"}, {"/timeouts/dns", "number"}, {"/plain", "object"}};
  CHECK(lines(check_config(R"({"extra":{"deep":[{}]},"timeouts":{"dns":1,"connect":2}})", specs)).empty());
  CHECK(lines(check_config(R"({"timeouts":{"dns":"x"}})", specs)) ==
        "1:20 /timeouts/dns: found a string; allowed is a number\n");
  CHECK(lines(check_config(R"({"plain":{"x":1}})", specs)) == "1:11 /plain/x: warning: unknown key\n");
}

TEST_CASE("keys that mean nothing here are warnings", "[config]") {
  CHECK(messages(R"({"log_retention":{"x":1},"rate_limit":null})") ==
        "/log_retention: warning: unknown key\n/rate_limit: warning: unknown key\n");
}

TEST_CASE("control characters of a hostile file do not reach the terminal", "[config]") {
  const std::string printed = report("{\"\\u001b[2J\\n\": 1, \"\\udc00\": 1}");
  CHECK(
      printed ==
      "1:2 / [2J : warning: unknown key\n1:20 /\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD: warning: unknown key\n");
  const std::string long_key = report("{\"" + std::string(100'000, 'x') + "\": 1}");
  CHECK(long_key.size() < 300);
}

TEST_CASE("a file in which everything is wrong has a report of bounded length", "[config]") {
  std::string json = "{\"providers\":[";
  for (int i = 0; i < 5000; ++i)
    json += i == 0 ? "1" : ",1";
  const auto problems = check_config(json + "]}");
  REQUIRE(problems.size() == 1001);
  CHECK(to_string(problems.back()) == "and 4000 more");
  CHECK(problems.back().fatal);
}

TEST_CASE("long pointers do not multiply in a report", "[config]") {
  std::string json = "{\"model_map\":{\"" + std::string(500'000, 'x') + "\":[";
  for (int i = 0; i < 5000; ++i)
    json += i == 0 ? "1" : ",1";
  const auto problems = check_config(json + "]}}");
  std::size_t bytes = 0;
  for (const ConfigProblem& problem : problems)
    bytes += problem.where.size() + problem.message.size();
  CHECK(bytes < 2'000'000);
  CHECK(to_string(problems.back()).find("and 499") == 0);
  CHECK(problems.back().fatal);
}

TEST_CASE("a name that nobody can answer is a warning", "[config]") {
  const auto map = [](std::string_view models) {
    return messages(fmt::format(
        R"({{"providers":[{{"name":"A","base_url":"http://a.example","api_key":"k","supported_models":["m","gpt-*"]}},)"
        R"({{"name":"B","base_url":"http://b.example","supported_models":["off"],"enabled":false}}],)"
        R"("model_map":{{"x":{}}}}})",
        models));
  };
  CHECK(map(R"("m")").empty());
  CHECK(map(R"(["gpt-4","m"])").empty());
  CHECK(map(R"(["off","m"])") == "/model_map/x: warning: no enabled provider supports off\n");
  CHECK(map(R"("off")") ==
        "/model_map/x: warning: no enabled provider supports off, so nobody can answer this name\n");
  CHECK(map(R"(["1","2","3","4","5","6","7"])") ==
        "/model_map/x: warning: no enabled provider supports 1, 2, 3, 4, 5 and 2 more, so nobody can answer "
        "this name\n");
  CHECK(map(R"({})") == "/model_map/x: found an object; allowed is a list\n");
  CHECK(messages(R"({"model_map":{"x":["m"]}})").empty());
}
