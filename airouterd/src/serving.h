#pragma once

#include <airouter/config.h>

#include "http/access.h"
#include "proxy/chat_route.h"

namespace airouterd {

// What requests are served by until the next reload. Immutable.
struct Serving {
  airouter::Config routing{};
  http::AccessRules access{};
  proxy::ChatLimits chat{};
};

}  // namespace airouterd
