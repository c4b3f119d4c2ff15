#include "admin/status_routes.h"

#include <algorithm>
#include <string>
#include <unordered_map>

#include <fmt/format.h>

#include <airouter/version.h>

#include "admin/provider_status.h"
#include "admin/replies.h"
#include "base/json.h"

namespace airouterd::admin {
namespace {

using airouter::json::Writer;

int available_count(const std::vector<Status>& statuses) {
  return static_cast<int>(std::count_if(statuses.begin(), statuses.end(), [](const Status& status) {
    return status.model.empty() && status.is_available;
  }));
}

void write_entry(Writer& writer, const Status& status, const store::Statistics::Attempts& counts) {
  writer.begin_object().key("status").string(status.state);
  writer.key("total_requests").integer(counts.total);
  writer.key("successful_requests").integer(counts.successful);
  writer.key("failed_requests").integer(counts.failed);
  const std::int64_t judged = counts.successful + counts.failed;
  const double rate =
      judged == 0 ? 100.0 : 100.0 * static_cast<double>(counts.successful) / static_cast<double>(judged);
  writer.key("success_rate").string(fmt::format("{:.1f}%", rate));
  writer.key("last_error");
  counts.last_error.empty() ? writer.null() : writer.string(counts.last_error);
  writer.key("cooldown_reason");
  status.cooldown_reason.empty() ? writer.null() : writer.string(status.cooldown_reason);
  if (status.left.count() > 0) {
    const auto seconds = std::chrono::ceil<std::chrono::seconds>(status.left).count();
    writer.key("cooldown_remaining").string(fmt::format("{}s", seconds));
    writer.key("cooldown_remaining_s").integer(seconds);
  }
  writer.key("models_cooling").integer(status.models_cooling);
  writer.end_object();
}

void write_requests(Writer& writer, const store::Statistics::Requests& requests) {
  writer.key("requests").begin_object();
  writer.key("total").integer(requests.total).key("ok").integer(requests.ok);
  writer.key("rescued").integer(requests.rescued).key("failed").integer(requests.failed);
  writer.key("cancelled").integer(requests.cancelled).end_object();
}

}  // namespace

http::Reply show_service(const Context& /*context*/, Request& /*request*/) {
  Writer writer;
  writer.begin_object().key("service").string("airouter").key("version").string(airouter::version());
  writer.key("status").string("running").key("admin_panel").string("/admin").end_object();
  return json_reply(writer);
}

http::Reply show_health(const Context& context, Request& request) {
  const bool is_draining = context.is_draining();
  const int available = available_count(statuses(context.router, request.routing()));
  const int total = static_cast<int>(request.routing().providers.size());
  const bool is_fine = available > 0 && !is_draining && context.keys.is_saving_fine() &&
                       context.log.is_healthy() && context.config.is_saving_fine();
  Writer writer;
  writer.begin_object().key("status").string(is_fine ? "healthy" : "degraded");
  writer.key("available_providers").integer(available).key("total_providers").integer(total).end_object();
  return json_reply(writer, is_draining ? 503 : 200);
}

http::Reply show_stats(const Context& context, Request& request) {
  Writer writer;
  write_stats(writer, context, request);
  return json_reply(writer);
}

void write_stats(Writer& writer, const Context& context, const Request& request) {
  store::Statistics::Snapshot counts = context.statistics.snapshot();
  const std::vector<Status> all = statuses(context.router, request.routing());
  writer.begin_object();
  write_requests(writer, counts.requests);
  writer.key("total_providers").integer(static_cast<std::int64_t>(request.routing().providers.size()));
  writer.key("available_providers").integer(available_count(all));
  writer.key("providers").begin_object();
  for (const Status& status : all)
    if (status.model.empty())
      write_entry(writer.key(status.provider), status, counts.providers[status.provider]);
  writer.end_object();

  // Models that were asked for, and those that are out: thousands of each, if clients choose the names.
  std::unordered_map<std::string, const Status*> out;
  for (const Status& status : all) {
    if (status.model.empty()) continue;
    const std::string name = status.provider + ":" + status.model;
    counts.models[name];
    out.emplace(name, &status);
  }
  const Status healthy{.state = "healthy"};
  writer.key("models").begin_object();
  for (const auto& [name, attempts] : counts.models) {
    const auto found = out.find(name);
    write_entry(writer.key(name), found == out.end() ? healthy : *found->second, attempts);
  }
  writer.end_object().end_object();
}

}  // namespace airouterd::admin
