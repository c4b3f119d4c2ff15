#pragma once

#include <string>
#include <string_view>
#include <sys/socket.h>

// Which addresses are never dialled, and which never go through a proxy of the environment. Pure.
namespace airouter::transport {

// Link-local and cloud metadata addresses, also where they are wrapped in IPv6: they hand out a machine's
// credentials, and no provider lives there. Asked after name lookup, so that no name can lead there.
bool is_never_dialled(const sockaddr& address) noexcept;

// Loopback and private addresses, and names that only a local network knows. `host` as in a URL, brackets
// included.
bool is_private_host(std::string_view host);

struct UrlParts {
  std::string origin{};  // scheme://host[:port], lower case
  std::string host{};    // lower case
  bool is_tls = false;
};

// The parts of an absolute http or https URL; an empty origin if it is none, or names a user.
UrlParts split_url(std::string_view url);

// Whose proxy a request takes.
enum class ProxyUse {
  none,
  environment,  // http_proxy, https_proxy, all_proxy and no_proxy, as libcurl reads them
  given,        // the one the request names, whatever no_proxy says
};

// `proxy` is as in Provider::proxy.
ProxyUse proxy_use(std::string_view proxy, std::string_view host);

}  // namespace airouter::transport
