#include "admin/log_query.h"

#include <array>
#include <limits>

#include "base/json.h"

namespace airouterd::admin {
namespace {

constexpr std::int64_t limit_max = 1000;
constexpr int status_min = 100, status_max = 599;

constexpr std::array<std::string_view, 4> levels{"debug", "info", "warning", "error"};
constexpr std::array<std::string_view, 4> types{"request", "response", "error", "system"};
constexpr std::array<std::string_view, 5> results{"ok", "rescued", "failed", "cancelled", "refused"};

void read_status(Query& query, store::LogFilter& filter) {
  const std::string status = query.text("status");
  if (status.empty()) return;
  if (status.size() == 3 && status[0] >= '1' && status[0] <= '5' && status.ends_with("xx")) {
    filter.status_min = (status[0] - '0') * 100;
    filter.status_max = filter.status_min + 99;
    return;
  }
  const auto number = airouter::json::to_integer(status);
  if (number && *number >= status_min && *number <= status_max) {
    filter.status_min = filter.status_max = static_cast<int>(*number);
  } else {
    query.complain("status", {"must be a status from 100 to 599, or 1xx to 5xx",
                              "必须是 100 到 599 之间的状态码，或 1xx 到 5xx"});
  }
}

}  // namespace

store::LogFilter request_filter(Query& query) {
  store::LogFilter filter;
  filter.limit = static_cast<std::size_t>(query.integer("limit", 1, limit_max).value_or(100));
  filter.before =
      query.integer("before", 1, std::numeric_limits<std::int64_t>::max()).value_or(filter.before);
  filter.model = query.text("model");
  filter.provider = query.text("provider");
  filter.key_id = query.text("key");
  filter.text = query.text("q");
  if (const auto result = query.word("result", results)) filter.result = store::log_result_of(*result);
  read_status(query, filter);
  return filter;
}

store::LogFilter log_filter(Query& query) {
  store::LogFilter filter = request_filter(query);
  if (const auto level = query.word("level", levels)) filter.level = store::log_level_of(*level);
  if (const auto type = query.word("log_type", types)) filter.type = store::log_type_of(*type);
  return filter;
}

}  // namespace airouterd::admin
