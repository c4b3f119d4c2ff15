#include "config/base_url.h"

#include <string>

#include <fmt/format.h>

#include "support/catch.h"

using namespace airouter;

namespace {

std::string parts(std::string_view text) {
  const config::SplitUrl split = config::split_base_url(text);
  if (!split.url) return std::string(split.problem);
  return fmt::format("{} {} {} {}", split.url->scheme, split.url->host, split.url->port, split.url->prefix);
}

}  // namespace

TEST_CASE("a base_url comes apart", "[config][url]") {
  CHECK(parts("https://api.example.com/v1") == "https api.example.com 443 /v1");
  CHECK(parts("HTTP://API.Example.COM:8080") == "http api.example.com 8080 ");
  CHECK(parts("http://a/") == "http a 80 ");
  CHECK(parts("http://a//") == "http a 80 ");
  CHECK(parts("https://a.b.:1/Api/v1//") == "https a.b. 1 /Api/v1");
  CHECK(parts("http://127.0.0.1:11434/v1/") == "http 127.0.0.1 11434 /v1");
  CHECK(parts("http://[::1]:8000/v1") == "http ::1 8000 /v1");
  CHECK(parts("http://[0:0:0:0:0:0:0:1]") == "http ::1 80 ");
  CHECK(parts("http://under_score/%7Euser/@x:y") == "http under_score 80 /%7Euser/@x:y");
}

TEST_CASE("a base_url that programs could read in two ways is refused", "[config][url]") {
  const std::pair<std::string, std::string> rows[] = {
      {"", "another scheme, or none"},
      {"api.example.com/v1", "another scheme, or none"},
      {"ftp://a", "another scheme, or none"},
      {"file:///etc/passwd", "another scheme, or none"},
      {"http:/a", "another scheme, or none"},
      {"httpx://a", "another scheme, or none"},
      {"http://", "no host"},
      {"http:///v1", "no host"},
      {"http://:80", "no host"},
      {"http://user@a", "a user name or password"},
      {"http://user:pw@a/v1", "a user name or password"},
      {"http://a@b@c", "a user name or password"},
      {"http://a/?x", "a query"},
      {"http://a?x", "a query"},
      {"http://a/#x", "a fragment"},
      {"http://a\\@b", "a backslash"},
      {"http://a\r\nx: y", "a control character"},
      {std::string("http://a\0b", 10), "a control character"},
      {"http://a\x7F", "a control character"},
      {"http://a b", "a blank"},
      {" http://a", "a blank"},
      {"http://bücher.example", "a character that is not ASCII"},
      {"http://a:0", "an invalid port"},
      {"http://a:65536", "an invalid port"},
      {"http://a:99999999999", "an invalid port"},
      {"http://a:", "an invalid port"},
      {"http://a:80x", "an invalid port"},
      {"http://a:-1", "an invalid port"},
      {"http://a:+80", "an invalid port"},
      {"http://a:80:80", "an invalid port"},
      {"http://[::1]80", "an invalid port"},
      {"http://[::1]:", "an invalid port"},
      {"http://[::1", "an IPv6 address without its closing bracket"},
      {"http://[::g]", "an invalid IPv6 address"},
      {"http://[fe80::1%25eth0]", "an invalid IPv6 address"},
      {"http://[]", "an invalid IPv6 address"},
      {"http://127.1", "an invalid host"},
      {"http://2130706433", "an invalid host"},
      {"http://0x7f.1", "an invalid host"},
      {"http://0x7f000001", "an invalid host"},
      {"http://0x", "an invalid host"},
      {"http://127.0.0.01", "an invalid host"},
      {"http://127.0.0.1.", "an invalid host"},
      {"http://256.0.0.1", "an invalid host"},
      {"http://a..b", "an invalid host"},
      {"http://.", "an invalid host"},
      {"http://-a", "an invalid host"},
      {"http://a%2eb", "an invalid host"},
      {"http://a,b", "an invalid host"},
      {"http://" + std::string(64, 'a'), "an invalid host"},
      {"http://a/%", "an invalid path"},
      {"http://a/%2", "an invalid path"},
      {"http://a/%zz", "an invalid path"},
      {"http://a/../b", "an invalid path"},
      {"http://a/b/%2E%2e", "an invalid path"},
      {"http://a/./", "an invalid path"},
      {"http://a/\"", "an invalid path"},
      {"http://a/{x}", "an invalid path"},
      {"http://a/" + std::string(2048, 'x'), "more than 2048 bytes"},
  };
  for (const auto& [text, problem] : rows) {
    INFO(text);
    CHECK(parts(text) == problem);
    CHECK(config::origin_of(text).empty());
    CHECK(config::endpoint_of(text, "/models").empty());
  }
}

TEST_CASE("an origin is the same for every spelling of a place", "[config][url]") {
  CHECK(config::origin_of("https://API.example.com/v1") == "https://api.example.com:443");
  CHECK(config::origin_of("https://api.example.com:443/other/") == "https://api.example.com:443");
  CHECK(config::origin_of("http://api.example.com") == "http://api.example.com:80");
  CHECK(config::origin_of("http://[0:0::1]:0080/v1") == "http://[::1]:80");
  CHECK(config::origin_of("http://[FE80::A]") == "http://[fe80::a]:80");
}

TEST_CASE("an endpoint gets /v1 only where the base_url has no path", "[config][url]") {
  const auto chat = [](std::string_view base) { return config::endpoint_of(base, "/chat/completions"); };
  CHECK(chat("https://a.example") == "https://a.example/v1/chat/completions");
  CHECK(chat("https://a.example/") == "https://a.example/v1/chat/completions");
  CHECK(chat("https://a.example/v1") == "https://a.example/v1/chat/completions");
  CHECK(chat("https://a.example/v1/") == "https://a.example/v1/chat/completions");
  CHECK(chat("https://a.example:8443/Api/v3//") == "https://a.example:8443/Api/v3/chat/completions");
  CHECK(chat("http://[::1]:8000") == "http://[::1]:8000/v1/chat/completions");
}
