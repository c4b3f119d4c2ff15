#include "store/server_config.h"

#include "base/limits.h"
#include "support/catch.h"

using namespace airouterd;
using namespace std::chrono_literals;

namespace {

std::string problems(std::string_view json) {
  std::string text;
  for (const auto& problem : store::parse_file(json).problems)
    text += airouter::to_string(problem) + "\n";
  return text;
}

}  // namespace

TEST_CASE("an empty file means the documented defaults", "[server-config]") {
  const auto file = store::parse_file("{}");
  CHECK(file.is_usable());
  CHECK(file.problems.empty());
  CHECK(file.server.host == "127.0.0.1");
  CHECK(file.server.port == 8000);
  CHECK(file.server.body_limit_bytes == 32u << 20);
  CHECK(file.server.commit_after == 15s);
  CHECK(file.server.drain_time == 30s);
}

TEST_CASE("the daemon's own keys are read", "[server-config]") {
  const auto file = store::parse_file(R"({"server_host":"0.0.0.0","server_port":8123,"client_auth":"required",
    "allowed_origins":["https://chat.example"],"stream_keepalive":0.5,"commit_after":2,"body_limit_mb":1,
    "max_connections":10,"max_in_flight":5,"drain_time":1.5,"admin":{"auth":"none"},"log":{"keep_days":7,"max_mb":9}})");
  CHECK(problems("{}").empty());
  REQUIRE(file.is_usable());
  CHECK(file.server.host == "0.0.0.0");
  CHECK(file.server.port == 8123);
  CHECK(file.server.client_auth == "required");
  CHECK(file.server.allowed_origins == std::vector<std::string>{"https://chat.example"});
  CHECK(file.server.stream_keepalive == 500ms);
  CHECK(file.server.body_limit_bytes == 1u << 20);
  CHECK(file.server.max_in_flight == 5);
  CHECK(file.server.drain_time == 1500ms);
  CHECK(file.server.admin_auth == "none");
  CHECK(file.server.log_keep_days == 7);
}

TEST_CASE("every problem is named with its place, the library's and the daemon's alike", "[server-config]") {
  const std::string text =
      problems("{\n  \"server_port\": 70000,\n  \"client_auth\": \"maybe\",\n  \"max_retries\": 0\n}");
  CHECK(text.find("2:18 /server_port: found 70000; allowed is a number from 0 to 65535") !=
        std::string::npos);
  CHECK(text.find("3:18 /client_auth: found \"maybe\"; allowed is one of \"auto\", \"required\", \"any\"") !=
        std::string::npos);
  CHECK(text.find("4:18 /max_retries:") != std::string::npos);
}

TEST_CASE("a request may be as large as half of what all together may hold, and no larger",
          "[server-config]") {
  CHECK(store::parse_file(R"({"body_limit_mb":64})").server.body_limit_bytes ==
        airouter::limits::request_bytes_in_flight_max / 2);
  CHECK(problems(R"({"body_limit_mb":65})").find("0.001 to 64") != std::string::npos);
}

TEST_CASE("lists and addresses that mean nothing are refused", "[server-config]") {
  for (const char* bad :
       {R"({"trusted_proxies":["x"]})", R"({"trusted_proxies":["10.0.0.0/99"]})",
        R"({"allowed_origins":["*"]})", R"({"allowed_origins":["https://a.example/path"]})",
        R"({"allowed_hosts":["http://a/b"]})", R"({"public_url":"garbage"})", R"({"server_host":""})",
        R"({"server_host":"999.1.1.1"})", R"({"server_host":"1.2.3.4.5"})", R"({"server_host":"12"})",
        R"({"server_host":"127.0.0.1:80"})"}) {
    CAPTURE(bad);
    CHECK_FALSE(store::parse_file(bad).is_usable());
  }
  CHECK(store::parse_file(
            R"({"trusted_proxies":["10.0.0.1","fd00::/8"],"allowed_origins":["https://a.example","app://x"],
    "allowed_hosts":["box","box:8000"],"public_url":"https://a.example/llm","server_host":"::1"})")
            .is_usable());
}

TEST_CASE("a password's hash is read, and never shown if it is none", "[server-config]") {
  const std::string hash = "scrypt:14:8:1:536f6469756d43686c6f72696465:" + std::string(64, '0');
  CHECK(store::parse_file(R"({"admin":{"password_hash":")" + hash + "\"}}").server.admin_password_hash ==
        hash);
  CHECK(
      problems(R"({"admin":{"password_hash":"hunter2"}})") ==
      "1:27 /admin/password_hash: found something else; allowed is what 'airouterd hash-password' prints\n");
}

TEST_CASE("an open administration is for this machine alone", "[server-config]") {
  store::ServerConfig server;
  CHECK(store::admin_problem(server).empty());
  server.admin_auth = "none";
  for (const char* host : {"127.0.0.1", "127.5.0.1", "::1", "0:0:0:0:0:0:0:1", "localhost"}) {
    server.host = host;
    CHECK(store::admin_problem(server).empty());
  }
  for (const char* host : {"0.0.0.0", "::", "192.168.1.1", "127.0.0.1.evil.example", "fe80::1", "box", ""}) {
    server.host = host;
    const std::string problem = store::admin_problem(server);
    CAPTURE(host, problem);
    CHECK(problem.find("admin.auth") != std::string::npos);
    CHECK(problem.find("server_host") != std::string::npos);
  }
  server.admin_auth = "password";
  CHECK(store::admin_problem(server).find("hash-password") != std::string::npos);
  server.admin_password_hash = "scrypt:…";
  CHECK(store::admin_problem(server).empty());
}

TEST_CASE("listening on every network is warned about, with its place", "[server-config]") {
  CHECK(problems("{\n\"server_host\": \"0.0.0.0\"}") ==
        "2:16 /server_host: warning: 0.0.0.0 listens on every network of this machine; 127.0.0.1 keeps it to "
        "itself\n");
}

TEST_CASE("a wrong type is complained about once", "[server-config]") {
  CHECK(store::parse_file(R"({"server_port":"8000"})").problems.size() == 1);
  CHECK(store::parse_file(R"({"log":[]})").problems.size() == 1);
  CHECK_FALSE(store::parse_file(R"({"log":[]})").is_usable());
}
