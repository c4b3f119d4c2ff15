#include "transport/address_rules.h"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <netinet/in.h>
#include <optional>
#include <span>

#include "base/text.h"

namespace airouter::transport {
namespace {

using Bytes = std::array<std::uint8_t, 16>;

struct Prefix {
  Bytes bytes{};
  int bits = 0;
};

constexpr std::array<Prefix, 2> never_dialled_v4{{
    {{169, 254}, 16},            // link-local, among them 169.254.169.254 of most clouds
    {{100, 100, 100, 200}, 32},  // Alibaba Cloud's metadata
}};

constexpr std::array<Prefix, 2> never_dialled_v6{{
    {{0xfe, 0x80}, 10},                                                         // link-local
    {{0xfd, 0x00, 0x0e, 0xc2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x02, 0x54}, 128},  // Amazon's metadata
}};

constexpr std::array<Prefix, 6> private_v4{{
    {{0}, 8},  // "this host": Linux dials itself
    {{10}, 8},
    {{100, 64}, 10},  // carrier-grade and overlay networks
    {{127}, 8},
    {{172, 16}, 12},
    {{192, 168}, 16},
}};

constexpr std::array<Prefix, 3> private_v6{{
    {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, 128},
    {{0xfc}, 7},
    {{0xfe, 0x80}, 10},
}};

// IPv6 addresses that lead to the IPv4 address within them.
struct Wrapping {
  Prefix prefix{};
  std::size_t at = 0;  // where the four bytes stand
};

constexpr std::array<Wrapping, 4> wrappings{{
    {{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}, 96}, 12},  // mapped
    {{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, 96}, 12},        // compatible
    {{{0x00, 0x64, 0xff, 0x9b}, 96}, 12},                    // NAT64
    {{{0x20, 0x02}, 16}, 2},                                 // 6to4
}};

constexpr std::array<std::string_view, 6> private_suffixes{".localhost", ".local",     ".internal",
                                                           ".lan",       ".home.arpa", ".test"};

bool matches(const Prefix& prefix, const Bytes& bytes) {
  const auto whole = static_cast<std::size_t>(prefix.bits / 8);
  if (!std::equal(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(whole), prefix.bytes.begin()))
    return false;
  const int rest = prefix.bits % 8;
  if (rest == 0) return true;
  const auto mask = static_cast<std::uint8_t>(0xff << (8 - rest));
  return (bytes[whole] & mask) == (prefix.bytes[whole] & mask);
}

bool matches_any(std::span<const Prefix> prefixes, const Bytes& bytes) {
  return std::any_of(prefixes.begin(), prefixes.end(),
                     [&](const Prefix& prefix) { return matches(prefix, bytes); });
}

struct Address {
  bool is_v6 = false;
  Bytes bytes{};
};

bool is_in(std::span<const Prefix> v4, std::span<const Prefix> v6, const Address& address) {
  if (!address.is_v6) return matches_any(v4, address.bytes);
  if (matches_any(v6, address.bytes)) return true;
  return std::any_of(wrappings.begin(), wrappings.end(), [&](const Wrapping& wrapping) {
    Bytes inner{};
    std::copy_n(address.bytes.begin() + static_cast<std::ptrdiff_t>(wrapping.at), 4, inner.begin());
    return matches(wrapping.prefix, address.bytes) && matches_any(v4, inner);
  });
}

std::optional<Address> to_address(const sockaddr& address) {
  Address result;
  if (address.sa_family == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, &address, sizeof v4);
    std::memcpy(result.bytes.data(), &v4.sin_addr, sizeof v4.sin_addr);
    return result;
  }
  if (address.sa_family != AF_INET6) return std::nullopt;
  sockaddr_in6 v6{};
  std::memcpy(&v6, &address, sizeof v6);
  std::memcpy(result.bytes.data(), &v6.sin6_addr, sizeof v6.sin6_addr);
  result.is_v6 = true;
  return result;
}

std::optional<Address> to_address(const std::string& host) {
  Address result;
  if (::inet_pton(AF_INET, host.c_str(), result.bytes.data()) == 1) return result;
  result.is_v6 = true;
  if (::inet_pton(AF_INET6, host.c_str(), result.bytes.data()) == 1) return result;
  return std::nullopt;
}

}  // namespace

bool is_never_dialled(const sockaddr& address) noexcept {
  const auto known = to_address(address);
  return known && is_in(never_dialled_v4, never_dialled_v6, *known);
}

bool is_private_host(std::string_view host) {
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  std::string name = text::lower(host.substr(0, host.find('%')));
  while (!name.empty() && name.back() == '.')
    name.pop_back();
  if (const auto address = to_address(name)) return is_in(private_v4, private_v6, *address);
  if (name.find('.') == std::string::npos) return true;  // a single label: "localhost", or a neighbour
  return std::any_of(private_suffixes.begin(), private_suffixes.end(), [&](std::string_view suffix) {
    return name.size() > suffix.size() &&
           std::string_view(name).substr(name.size() - suffix.size()) == suffix;
  });
}

UrlParts split_url(std::string_view url) {
  UrlParts parts;
  constexpr std::string_view plain = "http://", tls = "https://";
  parts.is_tls = text::starts_with_ignoring_case(url, tls);
  if (!parts.is_tls && !text::starts_with_ignoring_case(url, plain)) return {};
  const std::string_view scheme = parts.is_tls ? tls : plain;
  const std::string_view rest = url.substr(scheme.size());
  const std::string_view authority = rest.substr(0, rest.find_first_of("/?#\\"));
  if (authority.empty() || authority.find('@') != std::string_view::npos) return {};
  const std::size_t bracket = authority.find(']');
  const std::size_t colon = authority.find(':', bracket == std::string_view::npos ? 0 : bracket);
  parts.host = text::lower(authority.substr(0, colon));
  if (parts.host.empty()) return {};
  parts.origin = std::string(scheme) + text::lower(authority);
  return parts;
}

ProxyUse proxy_use(std::string_view proxy, std::string_view host) {
  if (proxy == "none") return ProxyUse::none;
  if (!proxy.empty()) return ProxyUse::given;
  return is_private_host(host) ? ProxyUse::none : ProxyUse::environment;
}

}  // namespace airouter::transport
