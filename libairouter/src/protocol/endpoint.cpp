#include "protocol/endpoint.h"

namespace airouter::protocol {

std::string chat_url(std::string_view base_url) {
  constexpr std::string_view endpoint = "/chat/completions";
  while (base_url.ends_with('/'))
    base_url.remove_suffix(1);
  std::string url(base_url);
  if (base_url.ends_with(endpoint)) return url;
  const std::size_t scheme_end = base_url.find("://");
  const std::size_t host = scheme_end == std::string_view::npos ? 0 : scheme_end + 3;
  if (base_url.find('/', host) == std::string_view::npos) url += "/v1";
  return url += endpoint;
}

}  // namespace airouter::protocol
