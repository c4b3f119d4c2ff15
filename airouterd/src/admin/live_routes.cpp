#include "admin/live_routes.h"

#include <utility>

#include "admin/live_stream.h"
#include "admin/query.h"
#include "admin/replies.h"
#include "base/json.h"
#include "store/request_view.h"

namespace airouterd::admin {
namespace {

using store::LiveItem;
using store::LogType;

void append_id(std::string& to, const LiveItem& item) {
  to.append("id: ").append(std::to_string(item.id)).append("\n");
}

void append_log_event(std::string& to, const LiveItem& item) {
  if (!item.is_record) return;
  append_id(to, item);
  to += "data: ";
  store::append_log_view(to, *item.text);
  to += "\n\n";
}

void append_request_event(std::string& to, const LiveItem& item) {
  const std::size_t bytes = to.size();
  append_id(to, item);
  if (!item.is_record) {
    to.append("event: attempt\ndata: ").append(*item.text).append("\n\n");
    return;
  }
  to.append("event: ").append(item.type == LogType::request ? "start" : "end").append("\ndata: ");
  if (store::append_request_view(to, *item.text)) {
    to += "\n\n";
  } else {
    to.resize(bytes);  // about something else
  }
}

http::Reply stream(const Context& context, Request& request, bool is_of_records,
                   LiveStream::AppendEvent append_event) {
  http::Reply reply{.headers = {{"content-type", "text/event-stream"},
                                {"cache-control", "no-cache"},
                                {"x-accel-buffering", "no"}}};
  const std::string_view last_id = request.http().header("last-event-id");
  const auto last_seen = airouter::json::to_integer(last_id);
  if (!last_id.empty() && !last_seen) {
    Query query(request);
    query.complain("Last-Event-ID", {"must be the id of an event", "必须是事件的编号"});
    return query.refusal();
  }
  if (request.http().method == "HEAD") return reply;
  auto watcher = context.log.live().watch(last_seen);
  if (!watcher) {
    http::Reply busy = problem(
        request, 503, "too_many_streams",
        {"too many live streams are open, or the server is shutting down", "实时连接过多，或服务正在停止"});
    busy.headers.push_back({"retry-after", "5"});
    return busy;
  }
  reply.stream = std::make_unique<LiveStream>(std::move(watcher), request.http().interrupt(), is_of_records,
                                              append_event);
  return reply;
}

}  // namespace

http::Reply stream_logs(const Context& context, Request& request) {
  return stream(context, request, true, &append_log_event);
}

http::Reply stream_requests(const Context& context, Request& request) {
  return stream(context, request, false, &append_request_event);
}

}  // namespace airouterd::admin
