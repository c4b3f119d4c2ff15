#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace airouter::config {

// A provider's base_url, taken apart.
struct BaseUrl {
  std::string scheme{};  // "http" or "https"
  std::string host{};    // lower case; an IPv6 address in its shortest form and without brackets
  int port = 0;          // the scheme's own where none is written
  std::string prefix{};  // the path without trailing slashes: "" or "/v1"
};

struct SplitUrl {
  std::optional<BaseUrl> url{};
  std::string_view
      problem{};  // if there is no url: what was found; never a part of the text, which may hold a key
};

// Stricter than RFC 3986, so that every program on the way reads the same host out of it: http or https; a
// name of letters, digits, hyphens, underscores and dots, or an IP address in its ordinary form; no user,
// query or fragment.
SplitUrl split_base_url(std::string_view text);

// "https://api.example.com:443": what health and connection pools are keyed by. Empty if `base_url` is no
// valid one.
std::string origin_of(std::string_view base_url);

// The URL of an endpoint, e.g. of "/chat/completions". A base_url without any path gets "/v1" put in between.
// Empty if `base_url` is no valid one.
std::string endpoint_of(std::string_view base_url, std::string_view endpoint);

// What is wrong with a provider's `proxy`, or empty. A user and password are allowed there.
std::string_view proxy_problem(std::string_view proxy);

}  // namespace airouter::config
