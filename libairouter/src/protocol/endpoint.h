#pragma once

#include <string>
#include <string_view>

namespace airouter::protocol {

// Where chat completions of a provider are posted: its base_url and "/chat/completions". A base_url without
// any path gets "/v1" first; one that names the endpoint already is kept. Trailing slashes do not count.
std::string chat_url(std::string_view base_url);

}  // namespace airouter::protocol
