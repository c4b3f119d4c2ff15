#include "config/base_url.h"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <charconv>
#include <span>
#include <utility>

#include "base/text.h"

namespace airouter::config {
namespace {

constexpr std::size_t url_bytes_max = 2048;
constexpr std::size_t host_bytes_max = 253;  // RFC 1035, as text
constexpr std::size_t label_bytes_max = 63;

struct Scheme {
  std::string_view name;
  int port;
};
constexpr Scheme provider_schemes[] = {{"http", 80}, {"https", 443}};
// libcurl's own default ports.
constexpr Scheme proxy_schemes[] = {{"http", 1080}, {"https", 443}, {"socks5", 1080}, {"socks5h", 1080}};

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_hex_digit(char c) {
  return is_digit(c) || (text::lower(c) >= 'a' && text::lower(c) <= 'f');
}

bool is_letter_or_digit(char c) {
  return is_digit(c) || (text::lower(c) >= 'a' && text::lower(c) <= 'z');
}

// The address in its one canonical form, or nothing.
std::optional<std::string> canonical_ipv6(const std::string& host) {
  std::array<unsigned char, 16> bytes{};
  std::array<char, INET6_ADDRSTRLEN> shown{};
  if (inet_pton(AF_INET6, host.c_str(), bytes.data()) != 1) return std::nullopt;
  return inet_ntop(AF_INET6, bytes.data(), shown.data(), shown.size());
}

bool is_ipv4(const std::string& host) {
  std::array<unsigned char, 4> bytes{};
  return inet_pton(AF_INET, host.c_str(), bytes.data()) == 1;
}

// Resolvers take 127.1, 0x7f.1 and 2130706433 for addresses. A host that ends in a number must be an ordinary
// one.
bool ends_in_number(std::string_view host) {
  if (host.ends_with('.')) host.remove_suffix(1);
  const std::size_t dot = host.rfind('.');
  const std::string_view label = dot == std::string_view::npos ? host : host.substr(dot + 1);
  if (text::starts_with_ignoring_case(label, "0x"))
    return std::all_of(label.begin() + 2, label.end(), is_hex_digit);
  return !label.empty() && std::all_of(label.begin(), label.end(), is_digit);
}

bool is_label(std::string_view label) {
  return !label.empty() && label.size() <= label_bytes_max && label.front() != '-' && label.back() != '-' &&
         std::all_of(label.begin(), label.end(),
                     [](char c) { return is_letter_or_digit(c) || c == '-' || c == '_'; });
}

bool is_host_name(std::string_view host) {
  if (host.ends_with('.')) host.remove_suffix(1);
  if (host.size() > host_bytes_max) return false;
  for (;;) {
    const std::size_t dot = host.find('.');
    if (!is_label(host.substr(0, dot))) return false;
    if (dot == std::string_view::npos) return true;
    host.remove_prefix(dot + 1);
  }
}

// What is wrong with "host[:port]", or empty; fills in the url.
std::string_view read_authority(std::string_view authority, BaseUrl& url) {
  std::size_t host_end = authority.find(':');
  if (authority.starts_with('[')) {
    const std::size_t bracket = authority.find(']');
    if (bracket == std::string_view::npos) return "an IPv6 address without its closing bracket";
    const auto address = canonical_ipv6(std::string(authority.substr(1, bracket - 1)));
    if (!address) return "an invalid IPv6 address";
    url.host = *address;
    host_end = bracket + 1;
  } else {
    url.host = text::lower(authority.substr(0, host_end));
    if (url.host.empty()) return "no host";
    if (ends_in_number(url.host) ? !is_ipv4(url.host) : !is_host_name(url.host)) return "an invalid host";
  }
  if (host_end >= authority.size()) return {};
  const std::string_view port = authority.substr(host_end + 1);
  const auto [stop, error] = std::from_chars(port.data(), port.data() + port.size(), url.port);
  const bool is_number = error == std::errc{} && stop == port.data() + port.size() && is_digit(port.front());
  if (authority[host_end] != ':' || !is_number || url.port < 1 || url.port > 65535) return "an invalid port";
  return {};
}

// The characters that RFC 3986 allows in a path, and none that a program on the way could take for something
// else.
bool is_path(std::string_view path) {
  constexpr std::string_view others = "/-._~!$&'()*+,;=:@";
  for (std::size_t i = 0; i < path.size(); ++i) {
    if (path[i] == '%') {
      if (i + 2 >= path.size() || !is_hex_digit(path[i + 1]) || !is_hex_digit(path[i + 2])) return false;
    } else if (!is_letter_or_digit(path[i]) && others.find(path[i]) == std::string_view::npos) {
      return false;
    }
  }
  // Clients resolve these segments themselves, each in its own way.
  const std::string closed = text::replaced(text::lower(path), "%2e", ".") + "/";
  return closed.find("/../") == std::string::npos && closed.find("/./") == std::string::npos;
}

std::string_view text_problem(std::string_view url) {
  if (url.size() > url_bytes_max) return "more than 2048 bytes";
  for (const char c : url) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7F) return "a control character";
    if (byte == ' ') return "a blank";
    if (byte > 0x7F) return "a character that is not ASCII";
    if (byte == '\\') return "a backslash";
    if (byte == '?') return "a query";
    if (byte == '#') return "a fragment";
  }
  return {};
}

// Takes "scheme://" off the front.
const Scheme* take_scheme(std::string_view& rest, std::span<const Scheme> schemes) {
  for (const Scheme& scheme : schemes) {
    if (!text::starts_with_ignoring_case(rest, scheme.name) ||
        !rest.substr(scheme.name.size()).starts_with("://"))
      continue;
    rest.remove_prefix(scheme.name.size() + 3);
    return &scheme;
  }
  return nullptr;
}

SplitUrl split(std::string_view text, std::span<const Scheme> schemes, bool user_allowed) {
  if (const std::string_view problem = text_problem(text); !problem.empty()) return {std::nullopt, problem};
  const Scheme* scheme = take_scheme(text, schemes);
  if (scheme == nullptr) return {std::nullopt, "another scheme, or none"};

  BaseUrl url{.scheme = std::string(scheme->name), .port = scheme->port};
  std::string_view authority = text.substr(0, text.find('/'));
  const std::string_view path = text.substr(authority.size());
  if (const std::size_t at = authority.rfind('@'); at != std::string_view::npos) {
    if (!user_allowed) return {std::nullopt, "a user name or password"};
    authority.remove_prefix(at + 1);
  }
  if (const std::string_view problem = read_authority(authority, url); !problem.empty())
    return {std::nullopt, problem};
  if (!is_path(path)) return {std::nullopt, "an invalid path"};
  url.prefix = path.substr(0, path.find_last_not_of('/') + 1);
  return {std::move(url), {}};
}

}  // namespace

SplitUrl split_base_url(std::string_view text) {
  return split(text, provider_schemes, false);
}

std::string origin_of(std::string_view base_url) {
  const auto url = split_base_url(base_url).url;
  if (!url) return {};
  const bool is_ipv6 = url->host.find(':') != std::string::npos;
  const std::string host = is_ipv6 ? "[" + url->host + "]" : url->host;
  return url->scheme + "://" + host + ":" + std::to_string(url->port);
}

std::string endpoint_of(std::string_view base_url, std::string_view endpoint) {
  const auto url = split_base_url(base_url).url;
  if (!url) return {};
  std::string out(base_url.substr(0, base_url.find_last_not_of('/') + 1));
  if (url->prefix.empty()) out += "/v1";
  return out += endpoint;
}

std::string_view proxy_problem(std::string_view proxy) {
  if (proxy.empty() || proxy == "none") return {};
  const SplitUrl parts = split(proxy, proxy_schemes, true);
  if (!parts.url) return parts.problem;
  return parts.url->prefix.empty() ? std::string_view{} : "a path";
}

}  // namespace airouter::config
