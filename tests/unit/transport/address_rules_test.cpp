#include "transport/address_rules.h"

#include <arpa/inet.h>
#include <cstring>
#include <netinet/in.h>
#include <string>

#include "support/catch.h"

namespace {

using namespace airouter::transport;

bool never_dialled(const std::string& host) {
  sockaddr_in6 v6{};
  sockaddr_in v4{};
  if (::inet_pton(AF_INET, host.c_str(), &v4.sin_addr) == 1) {
    v4.sin_family = AF_INET;
    return is_never_dialled(reinterpret_cast<const sockaddr&>(v4));
  }
  REQUIRE(::inet_pton(AF_INET6, host.c_str(), &v6.sin6_addr) == 1);
  v6.sin6_family = AF_INET6;
  // libcurl's own structure is as large as the largest address.
  sockaddr_storage large{};
  std::memcpy(&large, &v6, sizeof v6);
  return is_never_dialled(reinterpret_cast<const sockaddr&>(large));
}

std::string parts(std::string_view url) {
  const UrlParts split = split_url(url);
  return split.origin.empty() ? "none" : split.origin + " " + split.host + (split.is_tls ? " tls" : "");
}

}  // namespace

TEST_CASE("link-local and metadata addresses are never dialled, however they are written", "[transport]") {
  for (const auto* host : {"169.254.169.254", "169.254.0.1", "169.254.255.255", "100.100.100.200", "fe80::1",
                           "febf::1", "fd00:ec2::254", "::ffff:169.254.169.254", "::ffff:100.100.100.200",
                           "::169.254.169.254", "64:ff9b::169.254.169.254", "2002:a9fe:a9fe::1"}) {
    INFO(host);
    CHECK(never_dialled(host));
  }
  for (const auto* host :
       {"169.253.255.255", "169.255.0.1", "100.100.100.201", "127.0.0.1", "10.0.0.1", "8.8.8.8", "::1",
        "::", "fec0::1", "fd00:ec2::255", "2001:db8::1", "::ffff:127.0.0.1"}) {
    INFO(host);
    CHECK_FALSE(never_dialled(host));
  }
}

TEST_CASE("hosts of this machine and of local networks are private", "[transport]") {
  for (const auto* host :
       {"localhost",    "LOCALHOST",        "localhost.",       "api.localhost", "ollama",    "nas.local",
        "llm.internal", "box.lan",          "x.home.arpa",      "127.0.0.1",     "127.9.9.9", "10.1.2.3",
        "172.16.0.1",   "172.31.255.255",   "192.168.0.1",      "100.64.0.1",    "0.0.0.0",   "[::1]",
        "[fd12::1]",    "[fe80::1%25eth0]", "[::ffff:10.0.0.1]"}) {
    INFO(host);
    CHECK(is_private_host(host));
  }
  for (const auto* host : {"api.openai.com", "internal.example.com", "localhost.example.com", "8.8.8.8",
                           "172.32.0.1", "192.169.0.1", "[2001:db8::1]", "[::ffff:8.8.8.8]"}) {
    INFO(host);
    CHECK_FALSE(is_private_host(host));
  }
}

TEST_CASE("a URL has an origin and a host", "[transport]") {
  CHECK(parts("https://API.example.com/v1/chat?x#y") == "https://api.example.com api.example.com tls");
  CHECK(parts("HTTP://127.0.0.1:8080/v1") == "http://127.0.0.1:8080 127.0.0.1");
  CHECK(parts("http://[::1]:80") == "http://[::1]:80 [::1]");
  CHECK(parts("http://[::1]/") == "http://[::1] [::1]");
  for (const auto* url : {"", "ftp://a/", "file:///etc/passwd", "http://", "http:///x", "http://:80/",
                          "https://u@h/", "http://u:p@h", "//h/", "http:/h"}) {
    INFO(url);
    CHECK(parts(url) == "none");
  }
}

TEST_CASE("the environment's proxy is for public hosts, a named one for all", "[transport]") {
  CHECK(proxy_use("", "api.openai.com") == ProxyUse::environment);
  CHECK(proxy_use("", "127.0.0.1") == ProxyUse::none);
  CHECK(proxy_use("none", "api.openai.com") == ProxyUse::none);
  CHECK(proxy_use("http://127.0.0.1:3128", "127.0.0.1") == ProxyUse::given);
}
