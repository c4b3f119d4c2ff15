#include "protocol/endpoint.h"

#include "config/base_url.h"

namespace airouter::protocol {

std::string chat_url(std::string_view base_url) {
  constexpr std::string_view endpoint = "/chat/completions";
  while (base_url.ends_with('/'))
    base_url.remove_suffix(1);
  return base_url.ends_with(endpoint) ? std::string(base_url) : config::endpoint_of(base_url, endpoint);
}

}  // namespace airouter::protocol
