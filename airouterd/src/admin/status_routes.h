#pragma once

#include <airouter/router.h>

#include "http/message.h"
#include "store/statistics.h"

// What everybody may know about a running server: GET /, /health and /stats.
namespace airouterd::admin {

http::Reply show_service();

// 503 while draining, 200 otherwise.
http::Reply show_health(const airouter::Router& router, const airouter::Config& config, bool is_draining);

http::Reply show_stats(const airouter::Router& router, const airouter::Config& config,
                       const store::Statistics& statistics);

}  // namespace airouterd::admin
