#include "admin/log_routes.h"

#include <fmt/format.h>

#include "admin/log_query.h"
#include "admin/replies.h"
#include "store/request_view.h"

namespace airouterd::admin {
namespace {

using airouter::json::Writer;

constexpr std::int64_t days_max = 30, days_shown = 7;

void write_hours(Writer& writer, const store::DayStatistics& day) {
  writer.begin_object();
  for (std::size_t hour = 0; hour < day.hours().size(); ++hour)
    writer.key(fmt::format("{:02}", hour)).integer(day.hours()[hour].requests());
  writer.end_object();
}

}  // namespace

http::Reply list_logs(const Context& context, Request& request) {
  Query query(request);
  const store::LogFilter filter = log_filter(query);
  if (!query.is_fine()) return query.refusal();
  const auto page = context.log.search(filter);
  Writer writer;
  writer.begin_object().key("logs").begin_array();
  std::string shown;
  for (const std::string& line : page.lines) {
    shown.clear();
    store::append_log_view(shown, line);
    writer.raw(shown);
  }
  writer.end_array();
  if (page.searched_to) writer.key("searched_to").integer(*page.searched_to);
  writer.end_object();
  return json_reply(writer);
}

void write_statistics(Writer& writer, const store::DayStatistics& day) {
  const auto total = day.total();
  writer.key("total_requests").integer(total.requests());
  writer.key("successful_requests").integer(total.ok + total.rescued);
  writer.key("failed_requests").integer(total.failed);
  writer.key("rescued_requests").integer(total.rescued);
  writer.key("cancelled_requests").integer(total.cancelled);
  writer.key("refused_requests").integer(day.refused());
  writer.key("total_tokens").integer(total.tokens.total());
  write_hours(writer.key("hourly_requests"), day);
  writer.key("model_usage").begin_object();
  for (const auto& [name, hours] : day.models()) {
    std::int64_t count = 0;
    for (const auto in_hour : hours)
      count += in_hour;
    writer.key(name).integer(count);
  }
  writer.end_object().key("provider_usage").begin_object();
  for (const auto& [name, count] : day.answered_by())
    writer.key(name).integer(count);
  writer.end_object().key("key_usage").begin_object();
  for (const auto& [id, key] : day.keys()) {
    writer.key(id).begin_object().key("requests").integer(key.requests);
    writer.key("tokens").integer(key.tokens).end_object();
  }
  writer.end_object();
}

http::Reply show_log_statistics(const Context& context, Request& request) {
  Query query(request);
  store::Day day = context.log.now().day;
  if (const std::string date = query.text("date"); !date.empty()) {
    const auto asked = store::day_of(date);
    day = asked.value_or(day);
    if (!asked) query.complain("date", {"must be a day, as 2026-12-31", "必须是日期，例如 2026-12-31"});
  }
  if (!query.is_fine()) return query.refusal();
  Writer writer;
  writer.begin_object();
  write_statistics(writer, context.log.statistics(day));
  writer.end_object();
  return json_reply(writer);
}

http::Reply show_hourly_requests(const Context& context, Request& request) {
  Query query(request);
  const auto days = query.integer("days", 1, days_max).value_or(days_shown);
  if (!query.is_fine()) return query.refusal();
  const store::Day today = context.log.now().day;
  Writer writer;
  writer.begin_object();
  for (auto back = static_cast<int>(days) - 1; back >= 0; --back) {
    const store::Day day = store::days_before(today, back);
    write_hours(writer.key(store::to_text(day)), context.log.statistics(day));
  }
  writer.end_object();
  return json_reply(writer);
}

}  // namespace airouterd::admin
