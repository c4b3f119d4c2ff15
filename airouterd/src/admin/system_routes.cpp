#include "admin/system_routes.h"

#include <airouter/version.h>

#include "admin/key_routes.h"
#include "admin/log_routes.h"
#include "admin/replies.h"
#include "admin/status_routes.h"

namespace airouterd::admin {
namespace {

using airouter::json::Writer;

void write_log(Writer& writer, const Context& context) {
  writer.begin_object();
  write_statistics(writer, context.log.statistics(context.log.now().day));
  writer.key("newest_event").integer(context.log.newest_event());
  writer.key("is_healthy").boolean(context.log.is_healthy());
  writer.key("lost_records").integer(static_cast<std::int64_t>(context.log.lost())).end_object();
}

}  // namespace

http::Reply show_system(const Context& context, Request& request) {
  const auto uptime = std::chrono::steady_clock::now() - context.process.started;
  Writer writer;
  write_stats(writer.begin_object().key("providers"), context, request);
  write_key_counts(writer.key("api_keys"), context.keys.list());
  write_log(writer.key("logs"), context);
  writer.key("model_map").integer(static_cast<std::int64_t>(request.routing().model_map.size()));
  writer.key("version").string(airouter::version());
  writer.key("uptime_s").integer(std::chrono::duration_cast<std::chrono::seconds>(uptime).count());
  if (context.trip) writer.key("demo").boolean(true);
  writer.key("config_file");
  context.process.config_file.empty() ? writer.null() : writer.string(context.process.config_file);
  writer.end_object();
  return json_reply(writer);
}

}  // namespace airouterd::admin
