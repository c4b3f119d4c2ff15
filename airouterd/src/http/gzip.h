#pragma once

#include <string>
#include <string_view>

#include "http/message.h"

namespace airouterd::http {

// Whether a list of a header's, such as `gzip;q=0.5, br`, has the token; with `q=0` it has not.
bool lists(std::string_view values, std::string_view token);

// Packs a reply's JSON of more than a packet for who takes gzip. It must not hold a secret: beside text that
// somebody else may choose, the length of what is packed tells about it.
void pack(Reply& reply, const Request& request);

}  // namespace airouterd::http
