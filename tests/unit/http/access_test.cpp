#include "http/access.h"

#include <string>
#include <vector>

#include "http/address.h"
#include "support/catch.h"
#include "support/head_only.h"

using namespace airouterd::http;

namespace {

std::string told(const std::optional<Refusal>& refusal) {
  return refusal ? std::to_string(refusal->status) + " " + std::string(refusal->code) : "pass";
}

AccessRules rules() {
  AccessRules result;
  result.server_host = "0.0.0.0";
  result.public_url = "https://ai.example.org:8443/base";
  result.allowed_hosts = {"router.lan", "*.internal:8000"};
  result.allowed_origins = {"https://chat.example.com/", "https://*.team.example"};
  result.trusted_proxies = {"10.1.0.0/16", "127.0.0.9", "fd00::/8"};
  return result;
}

}  // namespace

TEST_CASE("the client's key is taken from where clients put it", "[http][access]") {
  struct Row {
    Headers headers;
    std::string key;
  };
  const std::vector<Row> rows{
      {{}, ""},
      {{{"Authorization", "Bearer k"}}, "k"},
      {{{"authorization", "bEaReR \t  k"}}, "k"},
      {{{"Authorization", "k"}}, "k"},
      {{{"Authorization", "Bearerk"}}, "Bearerk"},
      {{{"Authorization", "Bearer"}, {"x-api-key", "x"}}, "x"},
      {{{"Authorization", "Bearer  "}, {"api-key", "x"}}, "x"},
      {{{"Authorization", ""}, {"x-goog-api-key", "x"}}, "x"},
      {{{"Authorization", "Basic dXNlcjpwYXNz"}, {"X-API-Key", "x"}}, "x"},
      {{{"Authorization", "Bearer a b"}}, ""},
      {{{"x-goog-api-key", "3"}, {"api-key", "2"}, {"x-api-key", "1"}}, "1"},
      {{{"x-api-key", " "}, {"api-key", "2"}}, "2"},
      {{{"cookie", "k"}, {"proxy-authorization", "Bearer k"}}, ""},
  };
  for (const auto& row : rows) {
    CAPTURE(row.key);
    CHECK(client_key(row.headers) == row.key);
  }
}

TEST_CASE("addresses are read strictly", "[http][access]") {
  for (const auto* const text : {"127.0.0.1", "127.255.1.2", "::1", "::ffff:127.0.0.1", "0:0:0:0:0:0:0:1"}) {
    CAPTURE(text);
    REQUIRE(Address::parse(text));
    CHECK(Address::parse(text)->is_loopback());
  }
  for (const auto* const text : {"128.0.0.1", "::2", "::ffff:10.0.0.1", "0.0.0.0", "::", "8.8.8.8"}) {
    CAPTURE(text);
    REQUIRE(Address::parse(text));
    CHECK_FALSE(Address::parse(text)->is_loopback());
  }
  for (const auto* const text :
       {"", "127.1", "127.0.0.1:80", "[::1]", "localhost", "2130706433", "0x7f.0.0.1", "::1%lo"}) {
    CAPTURE(text);
    CHECK_FALSE(Address::parse(text));
  }
  CHECK_FALSE(Address::parse(std::string_view("127.0.0.1\0x", 11)));
  CHECK(is_in_range(*Address::parse("10.1.2.3"), "10.1.0.0/16"));
  CHECK(is_in_range(*Address::parse("::ffff:10.1.2.3"), "10.1.0.0/16"));
  CHECK_FALSE(is_in_range(*Address::parse("10.2.0.0"), "10.1.0.0/16"));
  CHECK(is_in_range(*Address::parse("10.1.0.127"), "10.1.0.0/25"));
  CHECK_FALSE(is_in_range(*Address::parse("10.1.0.128"), "10.1.0.0/25"));
  CHECK(is_in_range(*Address::parse("8.8.8.8"), "0.0.0.0/0"));
  CHECK_FALSE(is_in_range(*Address::parse("::1"), "0.0.0.0/0"));
  for (const auto* const range :
       {"", "/8", "10.1.2.3/33", "10.1.2.3/-1", "10.1.2.3/", "10.1.2.3/8x", "x/8"}) {
    CAPTURE(range);
    CHECK_FALSE(is_in_range(*Address::parse("10.1.2.3"), range));
  }
}

TEST_CASE("only what was made on this machine is from loopback", "[http][access]") {
  struct Row {
    std::string peer;
    Headers headers;
    bool expected;
  };
  const std::vector<Row> rows{
      {"127.0.0.1", {}, true},
      {"::1", {}, true},
      {"192.168.1.2", {}, false},
      {"", {}, false},
      {"10.1.0.1", {}, false},
      // An untrusted proxy may stand for anyone, whatever it says.
      {"127.0.0.1", {{"X-Forwarded-For", "127.0.0.1"}}, false},
      {"127.0.0.1", {{"X-Forwarded-Proto", "https"}}, false},
      {"127.0.0.1", {{"Forwarded", "for=127.0.0.1"}}, false},
      {"127.0.0.1", {{"X-Real-IP", "127.0.0.1"}}, false},
      {"127.0.0.1", {{"via", "1.1 nginx"}}, false},
      {"192.168.1.2", {{"X-Forwarded-For", "127.0.0.1"}}, false},
      // A trusted one is asked, and every address it tells must be local.
      {"127.0.0.9", {{"X-Forwarded-For", "127.0.0.1"}}, true},
      {"10.1.9.9", {{"X-Forwarded-For", "::1, 10.1.0.1"}}, true},
      {"127.0.0.9", {{"X-Forwarded-For", "8.8.8.8"}}, false},
      {"127.0.0.9", {{"X-Forwarded-For", "127.0.0.1, 8.8.8.8"}}, false},
      {"127.0.0.9", {{"X-Forwarded-For", "8.8.8.8, 127.0.0.1"}}, false},
      {"127.0.0.9", {{"X-Forwarded-For", "127.0.0.1"}, {"X-Forwarded-For", "8.8.8.8"}}, false},
      {"127.0.0.9", {{"X-Forwarded-For", "127.0.0.1"}, {"X-Real-IP", "8.8.8.8"}}, false},
      {"127.0.0.9", {{"X-Real-IP", "127.0.0.1"}}, true},
      {"127.0.0.9", {{"X-Forwarded-For", ""}}, false},
      {"127.0.0.9", {{"X-Forwarded-For", "unknown"}}, false},
      {"127.0.0.9", {{"X-Forwarded-For", "127.0.0.1,"}}, false},
      {"127.0.0.9", {{"Via", "1.1 nginx"}}, false},
      {"127.0.0.9", {{"X-Forwarded-For", "127.0.0.1"}, {"Forwarded", "for=127.0.0.1"}}, false},
  };
  for (const auto& row : rows) {
    CAPTURE(row.peer, row.headers.empty() ? "" : row.headers.front().second);
    CHECK(is_from_loopback(HeadOnly(row.peer, row.headers), rules()) == row.expected);
  }
}

TEST_CASE("the Host field must name this server", "[http][access]") {
  for (const auto* const host : {"127.0.0.1", "127.0.0.1:8000", "192.168.0.7:8000", "[::1]:8000", "[fe80::1]",
                                 "localhost", "LOCALHOST:1", "localhost.", "0.0.0.0:8000", "ai.example.org",
                                 "AI.example.ORG:9", "router.lan", "router.lan:8000", "a.internal:8000"}) {
    CAPTURE(host);
    CHECK(told(check_host_rule(HeadOnly("127.0.0.1", {{"Host", host}}), rules())) == "pass");
  }
  for (const auto* const host :
       {"", "evil.com", "evil.com:8000", "localhost.evil.com", "127.0.0.1.evil.com", "127.1", "2130706433",
        "xai.example.org", "a.internal:8001", "a.internal", "::1", "[localhost]", "[127.0.0.1]",
        "localhost:8000x", "localhost:80:80", ":80", "[::1", "foolocalhost"}) {
    CAPTURE(host);
    CHECK(told(check_host_rule(HeadOnly("127.0.0.1", {{"Host", host}}), rules())) ==
          "421 misdirected_request");
  }
  CHECK(told(check_host_rule(HeadOnly("127.0.0.1", {}), rules())) == "421 misdirected_request");
}

TEST_CASE("pages of other sites are turned away", "[http][access]") {
  const auto with_origin = [](const std::string& origin) {
    return told(check_origin_rule(HeadOnly("127.0.0.1", {{"Host", "192.168.0.7:8000"}, {"Origin", origin}}),
                                  rules()));
  };
  CHECK(told(check_origin_rule(HeadOnly("127.0.0.1", {}), rules())) == "pass");
  for (const auto* const origin :
       {"http://192.168.0.7:8000", "http://localhost:3000", "https://localhost", "http://127.0.0.1:5173",
        "http://[::1]:9", "app://obsidian.md", "tauri://localhost", "capacitor://localhost",
        "https://chat.example.com", "HTTPS://Chat.example.com", "https://a.team.example",
        "https://ai.example.org:8443"}) {
    CAPTURE(origin);
    CHECK(with_origin(origin) == "pass");
  }
  for (const auto* const origin :
       {"null", "", "https://evil.com", "http://192.168.0.7:9000", "http://192.168.0.7",
        "http://localhost.evil.com", "http://127.0.0.1.evil.com", "http://127.0.0.2",
        "https://chat.example.com.evil.com", "http://chat.example.com", "https://ai.example.org",
        "http://ai.example.org:8443", "ftp://localhost", "://localhost", "localhost",
        "chrome-extension://abc", "http://localhost@evil.com", "http://evil.com/localhost", "appx://a"}) {
    CAPTURE(origin);
    CHECK(with_origin(origin) == "403 origin_not_allowed");
  }
  const Headers twice{{"Origin", "http://localhost"}, {"Origin", "https://evil.com"}};
  CHECK(told(check_origin_rule(HeadOnly("127.0.0.1", twice), rules())) == "403 origin_not_allowed");
}

TEST_CASE("who may call the models is one table", "[http][access]") {
  struct Row {
    ClientAuth auth;
    bool ever_made;
    std::string peer, key, origin, host;
    std::string expected;
  };
  constexpr auto automatic = ClientAuth::automatic, required = ClientAuth::required, any = ClientAuth::any;
  const std::string here = "127.0.0.1", away = "192.168.0.9", refused = "401 invalid_api_key", pass = "pass",
                    local = "localhost:8000";
  const std::vector<Row> rows{
      {automatic, false, here, "", "", local, pass},
      {automatic, false, here, "anything", "", local, pass},
      {automatic, false, away, "", "", local, refused},
      {automatic, false, away, "anything", "", local, refused},
      {automatic, true, here, "", "", local, refused},
      {automatic, true, here, "bad", "", local, refused},
      {automatic, true, here, "good", "", local, pass},
      {automatic, true, away, "good", "", local, pass},
      {required, false, here, "", "", local, refused},
      {required, false, here, "anything", "", local, refused},
      {required, true, away, "good", "", local, pass},
      {any, true, here, "", "", local, pass},
      {any, true, here, "bad", "", local, pass},
      {any, true, away, "", "", local, refused},
      {any, true, away, "good", "", local, pass},
      {any, false, away, "anything", "", local, refused},
      // Without a valid key a page of another site, or one that points its name here, gets nowhere.
      {automatic, false, here, "anything", "https://evil.com", local, "403 origin_not_allowed"},
      {automatic, false, here, "", "null", local, "403 origin_not_allowed"},
      {automatic, false, here, "", "", "evil.com", "421 misdirected_request"},
      {any, true, here, "", "https://evil.com", "evil.com", "421 misdirected_request"},
      {automatic, false, here, "", "http://localhost:3000", local, pass},
      // With one it may.
      {automatic, true, away, "good", "https://evil.com", "evil.com", pass},
      {required, true, here, "good", "null", "", pass},
  };
  for (const auto& row : rows) {
    Headers headers{{"Host", row.host}};
    if (!row.key.empty()) headers.emplace_back("Authorization", "Bearer " + row.key);
    if (!row.origin.empty()) headers.emplace_back("Origin", row.origin);
    auto in_force = rules();
    in_force.client_auth = row.auth;
    const KeyLookup keys{
        [](std::string_view key) { return key == "good" ? KeyState::valid : KeyState::unknown; },
        [&] { return row.ever_made; }};
    CAPTURE(static_cast<int>(row.auth), row.ever_made, row.peer, row.key, row.origin, row.host);
    CHECK(told(may_call_v1(HeadOnly(row.peer, headers), in_force, keys)) == row.expected);
  }
}

TEST_CASE("who is asking is told by the last proxy that is trusted", "[http][access]") {
  struct Row {
    std::string peer;
    std::vector<std::string> forwarded;
    std::string address;
  };
  const std::vector<Row> rows{
      {"8.8.8.8", {}, "8.8.8.8"},
      {"8.8.8.8", {"1.2.3.4"}, "8.8.8.8"},
      {"10.1.2.3", {}, "10.1.2.3"},
      {"10.1.2.3", {"1.2.3.4"}, "1.2.3.4"},
      {"10.1.2.3", {"6.6.6.6, 1.2.3.4"}, "1.2.3.4"},
      {"10.1.2.3", {"6.6.6.6", " 1.2.3.4 ,10.1.9.9"}, "1.2.3.4"},
      {"10.1.2.3", {"6.6.6.6", "10.1.9.9"}, "6.6.6.6"},
      {"10.1.2.3", {"6.6.6.6, unknown"}, "10.1.2.3"},
      {"10.1.2.3", {"6.6.6.6,"}, "10.1.2.3"},
      {"10.1.2.3", {"10.1.9.9"}, "10.1.2.3"},
      {"fd00::1", {"2001:db8::7"}, "2001:db8::7"},
  };
  for (const auto& row : rows) {
    Headers headers;
    for (const auto& list : row.forwarded)
      headers.emplace_back("X-Forwarded-For", list);
    CAPTURE(row.peer, row.forwarded);
    CHECK(client_address(HeadOnly(row.peer, headers), rules()) == row.address);
  }
  CHECK(Address::parse("2001:db8::7")->network() == Address::parse("2001:db8::1:2:3:4")->network());
  CHECK(Address::parse("2001:db8::7")->network() != Address::parse("2001:db8:0:1::7")->network());
  CHECK(Address::parse("10.0.0.1")->network() != Address::parse("10.0.0.2")->network());
  CHECK(Address::parse("::ffff:10.0.0.1")->network() == Address::parse("10.0.0.1")->network());
}

TEST_CASE("only its own pages may act for the administrator", "[http][access]") {
  const auto is_own = [](const std::string& origin, const std::string& host = "box.lan:8000") {
    return comes_from_own_pages(HeadOnly("127.0.0.1", {{"Host", host}, {"Origin", origin}}), rules());
  };
  CHECK(comes_from_own_pages(HeadOnly("127.0.0.1", {{"Host", "x"}}), rules()));
  for (const auto* const origin :
       {"http://box.lan:8000", "https://BOX.lan:8000", "https://ai.example.org:8443"})
    CHECK(is_own(origin));
  for (const auto* const origin :
       {"null", "", "http://box.lan", "http://localhost:3000", "app://box.lan:8000", "tauri://localhost",
        "https://chat.example.com", "http://ai.example.org:8443", "https://ai.example.org", "http://evil",
        "http://box.lan:8000.evil.example"})
    CHECK_FALSE(is_own(origin));
}

TEST_CASE("without a key store nobody has a key", "[http][access]") {
  const Headers headers{{"Host", "localhost"}, {"x-api-key", "k"}};
  CHECK(told(may_call_v1(HeadOnly("127.0.0.1", headers), rules(), {})) == "pass");
  CHECK(told(may_call_v1(HeadOnly("8.8.8.8", headers), rules(), {})) == "401 invalid_api_key");
}
