#include "admin/query.h"

#include <algorithm>

#include <fmt/format.h>

#include "admin/replies.h"
#include "base/json.h"
#include "base/text.h"

namespace airouterd::admin {
namespace {

namespace json = airouter::json;

// Longer than any name there is.
constexpr std::size_t text_bytes_max = 512;

}  // namespace

std::optional<std::int64_t> Query::integer(std::string_view name, std::int64_t min, std::int64_t max) {
  const auto value = request_.parameter(name);
  if (!value || value->empty()) return std::nullopt;
  const auto number = json::to_integer(*value);
  if (number && *number >= min && *number <= max) return number;
  complain(name, {fmt::format("must be a whole number from {} to {}", min, max),
                  fmt::format("必须是 {} 到 {} 之间的整数", min, max)});
  return std::nullopt;
}

std::string Query::text(std::string_view name) {
  const auto value = request_.parameter(name);
  if (!value) return {};
  if (value->size() <= text_bytes_max && airouter::text::is_valid_utf8(*value)) return *value;
  complain(name, {fmt::format("must be UTF-8 of at most {} bytes", text_bytes_max),
                  fmt::format("必须是不超过 {} 字节的 UTF-8", text_bytes_max)});
  return {};
}

std::optional<std::string> Query::word(std::string_view name, std::span<const std::string_view> words) {
  auto value = request_.parameter(name);
  if (!value || value->empty()) return std::nullopt;
  if (std::find(words.begin(), words.end(), *value) != words.end()) return value;
  std::string list;
  for (const std::string_view word : words)
    list.append(list.empty() ? "" : ", ").append(word);
  complain(name, {"must be one of " + list, "必须是下列之一：" + list});
  return std::nullopt;
}

void Query::complain(std::string_view name, Sentence what) {
  complaints_.push_back({std::string(name), std::move(what)});
}

http::Reply Query::refusal() const {
  std::string detail;
  json::Writer writer, problems;
  problems.begin_array();
  for (const Complaint& complaint : complaints_) {
    const std::string& what = request_.in_language(complaint.what);
    detail += fmt::format("{}{} {}", detail.empty() ? "" : "; ", complaint.name, what);
    problems.begin_object().key("field").string(complaint.name);
    problems.key("message").string(what).end_object();
  }
  problems.end_array();
  writer.begin_object().key("detail").string(detail).key("code").string("invalid_parameters");
  writer.key("problems").raw(problems.text()).end_object();
  return json_reply(writer, 400);
}

}  // namespace airouterd::admin
