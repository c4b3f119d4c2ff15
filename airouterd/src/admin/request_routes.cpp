#include "admin/request_routes.h"

#include "admin/log_query.h"
#include "admin/replies.h"
#include "base/json.h"
#include "store/request_view.h"

namespace airouterd::admin {
namespace {

http::Reply json_text_reply(std::string text) {
  return {.headers = {{"content-type", "application/json"}, {"cache-control", "no-store"}},
          .body = std::move(text)};
}

// Whether requests that have not ended yet can be what is asked for.
bool takes_running(const store::LogFilter& filter) {
  const store::LogFilter any;
  return filter.before == any.before && !filter.result && filter.status_min == any.status_min &&
         filter.provider.empty();
}

// Adds one to a list.
bool append_request(std::string& list, std::string_view line, std::string_view attempts = {}) {
  const std::size_t bytes = list.size();
  if (!list.ends_with('[')) list += ',';
  if (store::append_request_view(list, line, attempts)) return true;
  list.resize(bytes);
  return false;
}

}  // namespace

http::Reply list_requests(const Context& context, Request& request) {
  Query query(request);
  store::LogFilter filter = request_filter(query);
  if (!query.is_fine()) return query.refusal();
  std::string text = R"({"requests":[)";
  if (takes_running(filter)) {
    const store::LogMatcher matcher(filter);
    store::LineScanner scanner;
    for (const auto& running : context.log.running()) {
      if (filter.limit == 0) break;
      const auto* line = scanner.scan(*running.line);
      if (line != nullptr && matcher.matches(*line) && append_request(text, *running.line, running.attempts))
        --filter.limit;
    }
  }
  filter.is_end = true;
  const auto page = context.log.search(filter);
  for (const std::string& line : page.lines)
    append_request(text, line);
  text += "]";
  if (page.searched_to) text += ",\"searched_to\":" + std::to_string(*page.searched_to);
  return json_text_reply(text += "}");
}

http::Reply show_request(const Context& context, Request& request) {
  std::string text;
  store::LineScanner scanner;
  for (const auto& running : context.log.running()) {
    const auto* line = scanner.scan(*running.line);
    if (line == nullptr || line->request_id != request.name()) continue;
    store::append_request_view(text, *running.line, running.attempts);
    return json_text_reply(std::move(text));
  }
  store::LogFilter filter;
  filter.request_id = request.name();
  filter.is_end = true;
  filter.limit = 1;
  const auto page = context.log.search(filter);
  if (!page.lines.empty() && store::append_request_view(text, page.lines.front()))
    return json_text_reply(std::move(text));
  return problem(request, 404, "unknown_request",
                 {"there is no request of this id in the log", "日志中没有此编号的请求"});
}

}  // namespace airouterd::admin
