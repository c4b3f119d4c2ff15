#include "store/server_config.h"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <netinet/in.h>
#include <tuple>

#include <fmt/format.h>

#include "base/json.h"
#include "base/text.h"
#include "store/password.h"

namespace airouterd::store {
namespace {

namespace json = airouter::json;

// What a value was found to be wrong with; empty: nothing.
using Complaint = std::string;

struct Bounds {
  double min, max;
};

Complaint read_number(const json::Value& value, Bounds bounds, double& number) {
  const auto read = value.is_number() ? json::to_double(value.text) : std::nullopt;
  if (!read || *read < bounds.min || *read > bounds.max)
    return fmt::format("allowed is a number from {} to {}", bounds.min, bounds.max);
  number = *read;
  return {};
}

template <class T>
Complaint read_scaled(const json::Value& value, Bounds bounds, double scale, T& target) {
  double number = 0;
  Complaint complaint = read_number(value, bounds, number);
  if (complaint.empty()) target = static_cast<T>(number * scale);
  return complaint;
}

Complaint read_seconds(const json::Value& value, Bounds bounds, std::chrono::milliseconds& target) {
  std::int64_t milliseconds = target.count();
  Complaint complaint = read_scaled(value, bounds, 1000, milliseconds);
  target = std::chrono::milliseconds(milliseconds);
  return complaint;
}

Complaint read_text(const json::Value& value, std::string& target) {
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; };
  if (std::any_of(value.text.begin(), value.text.end(), is_control))
    return "control characters are not allowed";
  target = value.text;
  return {};
}

Complaint read_choice(const json::Value& value, std::initializer_list<std::string_view> choices,
                      std::string& target) {
  if (std::find(choices.begin(), choices.end(), value.text) != choices.end()) return read_text(value, target);
  std::string list;
  for (const std::string_view choice : choices)
    list += fmt::format("{}\"{}\"", list.empty() ? "" : ", ", choice);
  return "allowed is one of " + list;
}

// What a text has to be, in words; empty: it is.
using Rule = Complaint (*)(std::string_view);

bool is_address(std::string_view s) {
  std::array<unsigned char, sizeof(in6_addr)> bytes{};
  const std::string text(s);
  return ::inet_pton(AF_INET, text.c_str(), bytes.data()) == 1 ||
         ::inet_pton(AF_INET6, text.c_str(), bytes.data()) == 1;
}

bool is_loopback(std::string_view host) {
  const std::string text(host);
  in_addr v4{};
  in6_addr v6{};
  if (::inet_pton(AF_INET, text.c_str(), &v4) == 1) return text.starts_with("127.");
  return text == "localhost" || (::inet_pton(AF_INET6, text.c_str(), &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6));
}

Complaint must_be_host(std::string_view s) {
  const bool has_odd = s.find_first_of("/@ []") != std::string_view::npos;
  const bool is_numeric = s.find(':') != s.npos || s.find_first_not_of("0123456789.") == s.npos;
  const bool is_fine = !s.empty() && !has_odd && (!is_numeric || is_address(s));
  return is_fine ? "" : "allowed is an address or a host name, without a port";
}

Complaint must_be_allowed_host(std::string_view s) {
  return !s.empty() && s.find_first_of("/@ ") == std::string_view::npos
             ? ""
             : "allowed is \"name\" or \"name:port\"";
}

Complaint must_be_origin(std::string_view s) {
  const std::size_t scheme = s.find("://");
  const bool is_fine = scheme != std::string_view::npos && scheme > 0 && scheme + 3 < s.size() &&
                       s.find('/', scheme + 3) == std::string_view::npos &&
                       s.find(' ') == std::string_view::npos;
  return is_fine ? "" : "allowed is an origin such as \"https://chat.example\", without a path";
}

Complaint must_be_url(std::string_view s) {
  const bool is_fine = s.empty() || s.starts_with("http://") || s.starts_with("https://");
  return is_fine ? "" : "allowed is an http:// or https:// URL";
}

// "10.0.0.1" or "10.0.0.0/8".
Complaint must_be_network(std::string_view s) {
  const std::size_t slash = std::min(s.find('/'), s.size());
  const std::string_view address = s.substr(0, slash);
  bool is_fine = is_address(address);
  if (slash < s.size()) {
    const auto bits = json::to_integer(s.substr(slash + 1));
    const std::int64_t bits_max = address.find(':') == std::string_view::npos ? 32 : 128;
    is_fine = is_fine && bits && *bits >= 0 && *bits <= bits_max;
  }
  return is_fine ? "" : "allowed is an address such as \"10.0.0.1\" or a network such as \"10.0.0.0/8\"";
}

Complaint must_be_password_hash(std::string_view s) {
  return is_password_hash(s) ? "" : "allowed is what 'airouterd hash-password' prints";
}

Complaint read_ruled(const json::Value& value, Rule rule, std::string& target) {
  const Complaint complaint = rule(value.text);
  return complaint.empty() ? read_text(value, target) : complaint;
}

Complaint read_texts(const json::Value& value, Rule rule, std::vector<std::string>& target) {
  target.clear();
  for (const json::Value& item : value.items) {
    if (!item.is_string()) return "allowed is a list of strings";
    if (Complaint complaint = read_ruled(item, rule, target.emplace_back()); !complaint.empty())
      return complaint + " in each place";
  }
  return {};
}

// One row a key: where it stands, its type, and how it is read.
struct Key {
  airouter::KeySpec spec;
  Complaint (*read)(const json::Value&, ServerConfig&);
  bool is_secret = false;  // never shown
};

constexpr Bounds count_bounds{1, 1'000'000};
constexpr std::array keys{
    Key{{"/server_host", "string"},
        [](const json::Value& v, ServerConfig& c) { return read_ruled(v, must_be_host, c.host); }},
    Key{{"/server_port", "integer"},
        [](const json::Value& v, ServerConfig& c) {
          return read_scaled(v, {0, 65'535}, 1, c.port);
        }},
    Key{{"/client_auth", "string"},
        [](const json::Value& v, ServerConfig& c) {
          return read_choice(v, {"auto", "required", "any"}, c.client_auth);
        }},
    Key{{"/allowed_origins", "array"},
        [](const json::Value& v, ServerConfig& c) {
          return read_texts(v, must_be_origin, c.allowed_origins);
        }},
    Key{{"/allowed_hosts", "array"},
        [](const json::Value& v, ServerConfig& c) {
          return read_texts(v, must_be_allowed_host, c.allowed_hosts);
        }},
    Key{{"/trusted_proxies", "array"},
        [](const json::Value& v, ServerConfig& c) {
          return read_texts(v, must_be_network, c.trusted_proxies);
        }},
    Key{{"/public_url", "string"},
        [](const json::Value& v, ServerConfig& c) { return read_ruled(v, must_be_url, c.public_url); }},
    Key{{"/stream_keepalive", "number"},
        [](const json::Value& v, ServerConfig& c) {
          return read_seconds(v, {0.01, 3600}, c.stream_keepalive);
        }},
    Key{{"/commit_after", "number"},
        [](const json::Value& v, ServerConfig& c) {
          return read_seconds(v, {0.01, 3600}, c.commit_after);
        }},
    Key{{"/body_limit_mb", "number"},
        [](const json::Value& v, ServerConfig& c) {
          // Half of what all bodies together may be, so that one such request finds room.
          return read_scaled(v, {0.001, 64}, 1024 * 1024, c.body_limit_bytes);
        }},
    Key{{"/max_connections", "integer"},
        [](const json::Value& v, ServerConfig& c) {
          return read_scaled(v, count_bounds, 1, c.max_connections);
        }},
    Key{{"/max_in_flight", "integer"},
        [](const json::Value& v, ServerConfig& c) {
          return read_scaled(v, count_bounds, 1, c.max_in_flight);
        }},
    Key{{"/drain_time", "number"},
        [](const json::Value& v, ServerConfig& c) {
          return read_seconds(v, {0, 3600}, c.drain_time);
        }},
    Key{{"/admin", "object"}, nullptr},
    Key{{"/admin/auth", "string"},
        [](const json::Value& v, ServerConfig& c) {
          return read_choice(v, {"token", "password", "none"}, c.admin_auth);
        }},
    Key{{"/admin/password_hash", "string"},
        [](const json::Value& v, ServerConfig& c) {
          return read_ruled(v, must_be_password_hash, c.admin_password_hash);
        },
        true},
    Key{{"/log", "object"}, nullptr},
    Key{{"/log/enabled", "boolean"},
        [](const json::Value& v, ServerConfig& c) {
          c.log_enabled = v.boolean;
          return Complaint();
        }},
    Key{{"/log/keep_days", "integer"},
        [](const json::Value& v, ServerConfig& c) {
          return read_scaled(v, count_bounds, 1, c.log_keep_days);
        }},
    Key{{"/log/max_mb", "integer"},
        [](const json::Value& v, ServerConfig& c) { return read_scaled(v, count_bounds, 1, c.log_max_mb); }},
};

constexpr auto specs = [] {
  std::array<airouter::KeySpec, keys.size()> list{};
  for (std::size_t i = 0; i < keys.size(); ++i)
    list[i] = keys[i].spec;
  return list;
}();

const json::Value* find(const json::Value& root, std::string_view pointer) {
  const json::Value* value = &root;
  while (value != nullptr && !pointer.empty()) {
    pointer.remove_prefix(1);
    const std::size_t end = std::min(pointer.find('/'), pointer.size());
    value = value->find(pointer.substr(0, end));
    pointer.remove_prefix(end);
  }
  return value;
}

bool has_type(const json::Value& value, std::string_view type) {
  if (type == "string") return value.is_string();
  if (type == "array") return value.is_array();
  if (type == "object") return value.is_object();
  if (type == "boolean") return value.kind == json::Kind::boolean;
  return value.is_number();
}

// What was found, for people. A key may have been pasted anywhere: of texts only single words are shown.
std::string shown(std::string_view text, const json::Value& value) {
  constexpr std::size_t bytes_max = 16;
  const auto is_lower = [](char c) { return c >= 'a' && c <= 'z'; };
  const bool is_word =
      value.text.size() <= bytes_max && std::all_of(value.text.begin(), value.text.end(), is_lower);
  if (value.is_array()) return "a list";
  if (value.is_string() && !is_word) return "another text";
  return airouter::text::shortened(text.substr(value.span.begin, value.span.end - value.span.begin),
                                   bytes_max);
}

}  // namespace

std::span<const airouter::KeySpec> server_keys() {
  return specs;
}

bool is_open_to_all(std::string_view host) {
  return host == "0.0.0.0" || host == "::";
}

std::string admin_problem(const ServerConfig& server) {
  if (server.admin_auth == "none" && !is_loopback(server.host)) {
    return fmt::format(
        "admin.auth \"none\" lets whoever can reach this server administer it, and server_host \"{}\" lets "
        "others reach it: set server_host (or --host) to 127.0.0.1, or admin.auth (or --admin-auth) to "
        "\"token\"",
        airouter::text::printable(server.host));
  }
  if (server.admin_auth == "password" && server.admin_password_hash.empty())
    return "admin.auth \"password\" needs admin.password_hash: what 'airouterd hash-password' prints";
  return {};
}

bool ParsedFile::is_usable() const {
  return std::none_of(problems.begin(), problems.end(), [](const auto& problem) { return problem.fatal; });
}

ParsedFile parse_file(std::string_view text) {
  ParsedFile file;
  file.problems = airouter::check_config(text, specs);
  const json::Parsed parsed = json::parse(text, {.comments = true});
  if (!parsed.value) return file;
  for (const Key& key : keys) {
    const json::Value* value = find(*parsed.value, key.spec.pointer);
    // A wrong type has been complained about already.
    if (value == nullptr || key.read == nullptr || !has_type(*value, key.spec.type)) continue;
    const Complaint complaint = key.read(*value, file.server);
    if (complaint.empty()) continue;
    const auto place = airouter::text::position_of(text, value->span.begin);
    const std::string found = key.is_secret ? "something else" : shown(text, *value);
    file.problems.push_back({std::string(key.spec.pointer), place.line, place.column,
                             fmt::format("found {}; {}", found, complaint), true});
  }
  if (const json::Value* host = find(*parsed.value, "/server_host");
      host != nullptr && is_open_to_all(host->text)) {
    const auto place = airouter::text::position_of(text, host->span.begin);
    file.problems.push_back(
        {"/server_host", place.line, place.column,
         host->text + " listens on every network of this machine; 127.0.0.1 keeps it to itself", false});
  }
  const auto is_before = [](const auto& a, const auto& b) {
    return std::tie(a.line, a.column) < std::tie(b.line, b.column);
  };
  std::stable_sort(file.problems.begin(), file.problems.end(), is_before);
  if (file.is_usable())
    if (auto routing = airouter::parse_config(text, specs)) file.routing = *std::move(routing);
  return file;
}

}  // namespace airouterd::store
