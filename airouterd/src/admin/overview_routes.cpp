#include "admin/overview_routes.h"

#include <algorithm>
#include <array>
#include <map>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "admin/provider_status.h"
#include "admin/query.h"
#include "admin/replies.h"
#include "base/json.h"
#include "store/day_statistics.h"

namespace airouterd::admin {
namespace {

using airouter::json::Writer;
using store::DayStatistics;

constexpr std::array<std::string_view, 2> ranges{"today", "24h"};
constexpr std::size_t models_shown = 100;

// Twenty-four hours of one or two days.
class Span {
 public:
  // `first`: which hour of the day before it begins with; 24: with today's first.
  Span(DayStatistics before, DayStatistics today, std::size_t first)
      : days_{std::move(before), std::move(today)}, first_(first) {}

  static constexpr std::size_t hours = 24;
  const DayStatistics& day(std::size_t slot) const { return days_[(first_ + slot) / hours]; }
  std::size_t hour(std::size_t slot) const { return (first_ + slot) % hours; }
  const DayStatistics::Hour& at(std::size_t slot) const { return day(slot).hours()[hour(slot)]; }

  DayStatistics::Cell attempts(std::size_t slot, std::string_view provider) const {
    const auto& providers = day(slot).providers();
    const auto found = providers.find(provider);
    return found == providers.end() ? DayStatistics::Cell{} : found->second[hour(slot)];
  }

  // By falling count, then by name.
  std::vector<std::pair<std::string, std::int64_t>> models() const {
    std::map<std::string, std::int64_t> counts;
    for (std::size_t slot = 0; slot < hours; ++slot)
      for (const auto& [name, per_hour] : day(slot).models())
        if (per_hour[hour(slot)] > 0) counts[name] += per_hour[hour(slot)];
    std::vector<std::pair<std::string, std::int64_t>> list(counts.begin(), counts.end());
    std::stable_sort(list.begin(), list.end(),
                     [](const auto& a, const auto& b) { return a.second > b.second; });
    if (list.size() > models_shown) list.resize(models_shown);
    return list;
  }

 private:
  const std::array<DayStatistics, 2> days_;
  const std::size_t first_;
};

void write_or_null(Writer& writer, bool is_known, std::int64_t value) {
  is_known ? writer.integer(value) : writer.null();
}

void write_percentiles(Writer& writer, const DayStatistics::Hour& hour, std::string_view prefix) {
  for (const auto& [name, share] : {std::pair("p50_ms", 0.5), std::pair("p95_ms", 0.95)}) {
    const auto milliseconds = hour.first_output.percentile(share);
    write_or_null(writer.key(std::string(prefix) + name), milliseconds.has_value(), milliseconds.value_or(0));
  }
}

// What no request has told the tokens of is null, not nothing.
void write_totals(Writer& writer, const Span& span) {
  DayStatistics::Hour total;
  for (std::size_t slot = 0; slot < Span::hours; ++slot)
    total.add(span.at(slot));
  writer.begin_object().key("requests").integer(total.requests());
  writer.key("ok").integer(total.ok).key("rescued").integer(total.rescued);
  writer.key("failed").integer(total.failed).key("cancelled").integer(total.cancelled);
  write_or_null(writer.key("tokens_in"), total.tokens.reports > 0, total.tokens.input);
  write_or_null(writer.key("tokens_out"), total.tokens.reports > 0, total.tokens.output);
  write_percentiles(writer, total, "first_output_");
  writer.end_object();
}

void write_hours(Writer& writer, const Span& span) {
  writer.begin_array();
  for (std::size_t slot = 0; slot < Span::hours; ++slot) {
    const DayStatistics::Hour& hour = span.at(slot);
    writer.begin_object().key("hour").string(fmt::format("{:02}", span.hour(slot)));
    writer.key("ok").integer(hour.ok).key("rescued").integer(hour.rescued).key("failed").integer(hour.failed);
    write_percentiles(writer, hour, "");
    write_or_null(writer.key("tokens"), hour.tokens.reports > 0, hour.tokens.total());
    writer.end_object();
  }
  writer.end_array();
}

void write_providers(Writer& writer, const Span& span, const std::vector<Status>& all) {
  writer.begin_array();
  for (const Status& status : all) {
    if (!status.model.empty()) continue;
    writer.begin_object().key("name").string(status.provider).key("state").string(status.state);
    writer.key("cells").begin_array();
    for (std::size_t slot = 0; slot < Span::hours; ++slot) {
      const DayStatistics::Cell cell = span.attempts(slot, status.provider);
      writer.begin_object().key("ok").integer(cell.ok).key("failed").integer(cell.failed).end_object();
    }
    writer.end_array().end_object();
  }
  writer.end_array();
}

}  // namespace

http::Reply show_overview(const Context& context, Request& request) {
  Query query(request);
  const bool is_today = query.word("range", ranges).value_or("today") == "today";
  if (!query.is_fine()) return query.refusal();
  const store::LocalTime now = context.log.now();
  const Span span(is_today ? DayStatistics{} : context.log.statistics(store::days_before(now.day, 1)),
                  context.log.statistics(now.day),
                  is_today ? Span::hours : static_cast<std::size_t>(now.hour) + 1);
  Writer writer;
  write_totals(writer.begin_object().key("totals"), span);
  write_hours(writer.key("hours"), span);
  write_providers(writer.key("providers"), span, statuses(context.router, request.routing()));
  writer.key("models").begin_array();
  for (const auto& [name, count] : span.models())
    writer.begin_object().key("name").string(name).key("requests").integer(count).end_object();
  writer.end_array().end_object();
  return json_reply(writer);
}

}  // namespace airouterd::admin
