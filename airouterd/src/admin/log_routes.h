#pragma once

#include "admin/context.h"
#include "admin/request.h"
#include "base/json.h"
#include "http/message.h"
#include "store/day_statistics.h"

// The log and what is counted from it.
namespace airouterd::admin {

http::Reply list_logs(const Context& context, Request& request);
http::Reply show_log_statistics(const Context& context, Request& request);
http::Reply show_hourly_requests(const Context& context, Request& request);

// The members of GET /api/logs/stats, within an object that is open.
void write_statistics(airouter::json::Writer& writer, const store::DayStatistics& day);

}  // namespace airouterd::admin
