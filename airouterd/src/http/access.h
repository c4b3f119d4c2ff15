#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http/error_reply.h"
#include "http/message.h"

// Who may call what, decided from a request's head alone: before its body is read and before anything is
// dialled. Pure.
namespace airouterd::http {

enum class ClientAuth {
  automatic,  // loopback peers need no key until the first one was ever made; then everyone does
  required,   // everyone needs a key
  any,        // loopback peers never need one; others do
};

// From the config; see docs of the keys of the same names.
struct AccessRules {
  std::string server_host{};
  std::string public_url{};
  std::vector<std::string> allowed_hosts{};    // "name", "name:port", or with `*`
  std::vector<std::string> allowed_origins{};  // "https://name", or with `*`
  std::vector<std::string> trusted_proxies{};  // addresses, or networks as "10.0.0.0/8"
  ClientAuth client_auth = ClientAuth::automatic;
};

enum class KeyState { unknown, disabled, expired, valid };

// What is known of client keys. Both are called at most once a decision, and may be called from any thread.
struct KeyLookup {
  std::function<KeyState(std::string_view)> state_of{};  // null: nobody has a key
  std::function<bool()> ever_made{};                     // whether a key was ever made; null: never
};

// The key a client presents, or empty: Authorization with or without Bearer, then x-api-key, api-key,
// x-goog-api-key. Another scheme's credentials, such as Basic, are no key.
std::string_view client_key(const Headers& headers) noexcept;

// Whether the request was made on this machine. One that went through a proxy was not, unless the proxy is
// trusted and every address it tells is a loopback or trusted one.
bool is_from_loopback(const Request& request, const AccessRules& rules);

// The numeric address that the request came from: the peer's, or, where trusted proxies passed it on, the
// last one in X-Forwarded-For that is none of theirs.
std::string_view client_address(const Request& request, const AccessRules& rules);

// 421 unless Host names this server, so that no page can reach it by pointing its own name here. For /api,
// /admin, /stats.
std::optional<Refusal> check_host_rule(const Request& request, const AccessRules& rules);

// 403 if a page of another site sent the request.
std::optional<Refusal> check_origin_rule(const Request& request, const AccessRules& rules);

// Whether no page sent the request, or one of this server's own: at the address that Host says, or at
// public_url. Stricter than the rule above, for what a page must not do without its user.
bool comes_from_own_pages(const Request& request, const AccessRules& rules);

// Everything that stands before /v1: nothing, or 421, 403 or 401, in this order. A valid key opens it from
// everywhere.
std::optional<Refusal> may_call_v1(const Request& request, const AccessRules& rules, const KeyLookup& keys);

}  // namespace airouterd::http
