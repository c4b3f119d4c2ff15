#pragma once

#include "admin/query.h"
#include "store/log_filter.h"

// The parameters that logs, requests and statistics share.
namespace airouterd::admin {

// limit, before, model, provider, key, q, result and status: "429", or "4xx" for all of them.
store::LogFilter request_filter(Query& query);

// The same, level and log_type.
store::LogFilter log_filter(Query& query);

}  // namespace airouterd::admin
