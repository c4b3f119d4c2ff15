#include "http/access.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "http/address.h"

namespace airouterd::http {
namespace {

using airouter::text::equals_ignoring_case;
using airouter::text::starts_with_ignoring_case;
using airouter::text::trim;
using namespace std::string_view_literals;

constexpr std::array key_headers{"x-api-key"sv, "api-key"sv, "x-goog-api-key"sv};

// Schemes of applications, which no web page can have.
constexpr std::array application_schemes{"app"sv, "tauri"sv, "capacitor"sv};

template <class Predicate>
bool any_value(const Headers& headers, std::string_view name, Predicate predicate) {
  return std::any_of(headers.begin(), headers.end(), [&](const auto& field) {
    return equals_ignoring_case(field.first, name) && predicate(std::string_view(field.second));
  });
}

// Bearer, a blank, the key; or the key alone. Keys have no blanks in them.
std::string_view authorization_key(std::string_view value) noexcept {
  value = trim(value);
  const auto end = std::min(value.find_first_of(" \t"), value.size());
  if (equals_ignoring_case(value.substr(0, end), "bearer")) value = trim(value.substr(end));
  return value.find_first_of(" \t") == std::string_view::npos ? value : std::string_view{};
}

bool is_trusted(const Address& address, const AccessRules& rules) {
  return std::any_of(rules.trusted_proxies.begin(), rules.trusted_proxies.end(),
                     [&](const std::string& range) { return is_in_range(address, trim(range)); });
}

bool is_proxy_field(std::string_view name) {
  return equals_ignoring_case(name, "forwarded") || equals_ignoring_case(name, "x-real-ip") ||
         equals_ignoring_case(name, "via") || starts_with_ignoring_case(name, "x-forwarded-");
}

// Whether a list of addresses, as proxies write it, holds only loopback and trusted ones.
bool tells_only_local(std::string_view list, const AccessRules& rules) {
  while (true) {
    const auto end = std::min(list.find(','), list.size());
    const auto address = Address::parse(trim(list.substr(0, end)));
    if (!address || !(address->is_loopback() || is_trusted(*address, rules))) return false;
    if (end == list.size()) return true;
    list.remove_prefix(end + 1);
  }
}

// An origin or URL, cut at the host.
struct Origin {
  std::string_view scheme{}, host_and_port{};
};

std::optional<Origin> split_origin(std::string_view text) {
  const auto colon = text.find("://");
  if (colon == std::string_view::npos || colon == 0) return std::nullopt;
  Origin origin{text.substr(0, colon), text.substr(colon + 3)};
  origin.host_and_port = origin.host_and_port.substr(0, origin.host_and_port.find_first_of("/?#"));
  return origin;
}

std::string_view without_final_dot(std::string_view host) {
  if (host.size() > 1 && host.ends_with('.')) host.remove_suffix(1);
  return host;
}

bool is_address_literal(const HostAndPort& host) {
  const auto address = Address::parse(host.host);
  return address && host.is_bracketed == (host.host.find(':') != std::string_view::npos);
}

bool is_local_name(const HostAndPort& host) {
  if (equals_ignoring_case(without_final_dot(host.host), "localhost")) return true;
  const auto address = Address::parse(host.host);
  return address && (host.host == "127.0.0.1" || (host.is_bracketed && address->is_loopback()));
}

// Whether a list's entry, which may hold `*`, means this text.
bool matches(std::string_view entry, std::string_view text) {
  entry = trim(entry);
  if (entry.ends_with('/')) entry.remove_suffix(1);
  return !entry.empty() &&
         airouter::text::matches_wildcard(airouter::text::lower(entry), airouter::text::lower(text));
}

bool matches_any(const std::vector<std::string>& entries, std::string_view text) {
  return std::any_of(entries.begin(), entries.end(),
                     [&](const std::string& entry) { return matches(entry, text); });
}

bool is_own_host(std::string_view text, const AccessRules& rules) {
  const auto host = split_host(text);
  if (!host) return false;
  if (is_address_literal(*host)) return true;
  const auto name = without_final_dot(host->host);
  if (equals_ignoring_case(name, "localhost")) return true;
  if (!rules.server_host.empty() && equals_ignoring_case(name, rules.server_host)) return true;
  if (const auto own = split_origin(rules.public_url)) {
    const auto own_host = split_host(own->host_and_port);
    if (own_host && equals_ignoring_case(name, own_host->host)) return true;
  }
  return matches_any(rules.allowed_hosts, name) || matches_any(rules.allowed_hosts, text);
}

bool is_own_origin(std::string_view text, const Request& request, const AccessRules& rules) {
  const auto origin = split_origin(text);
  if (!origin) return false;  // also "null"
  const auto is_scheme = [&](std::string_view scheme) {
    return equals_ignoring_case(origin->scheme, scheme);
  };
  if (!is_scheme("http") && !is_scheme("https")) return false;
  if (equals_ignoring_case(origin->host_and_port, request.header("host"))) return true;
  const auto own = split_origin(rules.public_url);
  return own && is_scheme(own->scheme) && equals_ignoring_case(origin->host_and_port, own->host_and_port);
}

bool is_welcome_origin(std::string_view text, const Request& request, const AccessRules& rules) {
  const auto origin = split_origin(text);
  if (!origin) return false;  // also "null"
  const auto is_scheme = [&](std::string_view scheme) {
    return equals_ignoring_case(origin->scheme, scheme);
  };
  if (std::any_of(application_schemes.begin(), application_schemes.end(), is_scheme)) return true;
  if (matches_any(rules.allowed_origins, text)) return true;
  if (!is_scheme("http") && !is_scheme("https")) return false;
  const auto host = split_host(origin->host_and_port);
  return host && (is_local_name(*host) || is_own_origin(text, request, rules));
}

std::optional<Refusal> check_key_rule(const Request& request, const AccessRules& rules, const KeyLookup& keys,
                                      bool has_key, KeyState state) {
  const bool ever_made = keys.ever_made && keys.ever_made();
  const bool is_open =
      rules.client_auth == ClientAuth::any || (rules.client_auth == ClientAuth::automatic && !ever_made);
  if (is_open && is_from_loopback(request, rules)) return std::nullopt;
  if (!ever_made) {
    return Refusal{401, "invalid_api_key",
                   "A client key is needed, and none was made yet: without one, only programs on the "
                   "server's own machine may call it. Its administrator makes one with POST /api/keys; "
                   "'airouterd admin-url' shows how to get in."};
  }
  if (!has_key)
    return Refusal{401, "invalid_api_key", "No API key was sent. Send one as Authorization: Bearer KEY."};
  switch (state) {
    case KeyState::disabled:
      return Refusal{401, "invalid_api_key", "The API key is not enabled."};
    case KeyState::expired:
      return Refusal{401, "invalid_api_key", "The API key has expired."};
    case KeyState::unknown:
    case KeyState::valid:
      break;
  }
  return Refusal{401, "invalid_api_key", "The API key is not valid."};
}

}  // namespace

std::string_view client_key(const Headers& headers) noexcept {
  if (const auto key = authorization_key(airouter::find_header(headers, "authorization")); !key.empty())
    return key;
  for (const auto name : key_headers) {
    if (const auto key = trim(airouter::find_header(headers, name)); !key.empty()) return key;
  }
  return {};
}

bool is_from_loopback(const Request& request, const AccessRules& rules) {
  const auto peer = Address::parse(request.peer);
  if (!peer) return false;
  const bool is_proxied = std::any_of(request.headers.begin(), request.headers.end(),
                                      [](const auto& field) { return is_proxy_field(field.first); });
  if (!is_proxied) return peer->is_loopback();
  if (!is_trusted(*peer, rules)) return false;
  // A proxy that tells nothing, or only what is too varied to be read safely, may stand for anyone.
  bool tells_address = false, is_local = true;
  for (const auto& [name, value] : request.headers) {
    if (equals_ignoring_case(name, "forwarded")) return false;
    if (!equals_ignoring_case(name, "x-forwarded-for") && !equals_ignoring_case(name, "x-real-ip")) continue;
    tells_address = true;
    is_local = is_local && tells_only_local(value, rules);
  }
  return tells_address && is_local;
}

std::string_view client_address(const Request& request, const AccessRules& rules) {
  const auto peer = Address::parse(request.peer);
  if (!peer || !is_trusted(*peer, rules)) return request.peer;
  // Each proxy adds its peer at the end, so what stands last is believed first.
  for (auto field = request.headers.rbegin(); field != request.headers.rend(); ++field) {
    if (!equals_ignoring_case(field->first, "x-forwarded-for")) continue;
    std::string_view list = field->second;
    while (!list.empty()) {
      const auto comma = list.rfind(',');
      const auto begin = comma == std::string_view::npos ? 0 : comma + 1;
      const std::string_view text = trim(list.substr(begin));
      const auto address = Address::parse(text);
      if (!address) return request.peer;
      if (!is_trusted(*address, rules)) return text;
      list = list.substr(0, begin == 0 ? 0 : begin - 1);
    }
  }
  return request.peer;
}

std::optional<Refusal> check_host_rule(const Request& request, const AccessRules& rules) {
  if (is_own_host(request.header("host"), rules)) return std::nullopt;
  return Refusal{421, "misdirected_request",
                 "The Host field does not name this server: add the name to allowed_hosts."};
}

std::optional<Refusal> check_origin_rule(const Request& request, const AccessRules& rules) {
  const bool is_foreign = any_value(request.headers, "origin", [&](std::string_view origin) {
    return !is_welcome_origin(origin, request, rules);
  });
  if (!is_foreign) return std::nullopt;
  return Refusal{
      403, "origin_not_allowed",
      "A web page of another site sent this without a valid key: create a key, or add this origin to "
      "allowed_origins."};
}

bool comes_from_own_pages(const Request& request, const AccessRules& rules) {
  return !any_value(request.headers, "origin",
                    [&](std::string_view origin) { return !is_own_origin(origin, request, rules); });
}

std::optional<Refusal> may_call_v1(const Request& request, const AccessRules& rules, const KeyLookup& keys) {
  const auto key = client_key(request.headers);
  const KeyState state = key.empty() || !keys.state_of ? KeyState::unknown : keys.state_of(key);
  if (state == KeyState::valid) return std::nullopt;
  if (auto refusal = check_host_rule(request, rules)) return refusal;
  if (auto refusal = check_origin_rule(request, rules)) return refusal;
  return check_key_rule(request, rules, keys, !key.empty(), state);
}

}  // namespace airouterd::http
