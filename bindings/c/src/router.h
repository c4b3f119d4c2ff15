#pragma once

#include <airouter/router.h>

// Thread-safe, as the router is.
struct airouter_router {
  airouter::Router router;
};
