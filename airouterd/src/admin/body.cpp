#include "admin/body.h"

#include <algorithm>

#include <fmt/format.h>

#include "admin/replies.h"
#include "base/text.h"
#include "store/in_chinese.h"

namespace airouterd::admin {
namespace {

namespace json = airouter::json;
namespace text = airouter::text;

// Of a sentence that names every field; the list beside it names the others, too.
constexpr std::size_t detail_bytes_max = 4000;

Sentence must_be(std::string_view english, std::string_view chinese) {
  return {fmt::format("must be {}", english), fmt::format("必须是{}", chinese)};
}

bool is_json(std::string_view content_type) {
  const auto end = std::min(content_type.find(';'), content_type.size());
  return text::equals_ignoring_case(text::trim(content_type.substr(0, end)), "application/json");
}

struct SentJson {
  std::string text{};
  json::Value root{};
};

std::optional<SentJson> read_json(Request& request, http::Reply& refusal, std::size_t most) {
  SentJson sent;
  if (request.http().has_body()) {
    auto text = request.http().read_body(most);
    if (!text) {
      const airouter::Error& error = text.error();
      refusal = problem(request, airouter::http_status_of(error), "invalid_body",
                        {error.message, store::in_chinese(error.message)});
      return std::nullopt;
    }
    sent.text = *std::move(text);
  }
  json::Parsed parsed = json::parse(sent.text);
  if (!parsed.value) {
    refusal = problem(
        request, 400, "invalid_json",
        {fmt::format("the body is not JSON: {} at byte {}", parsed.error.message, parsed.error.offset),
         fmt::format("请求体不是合法的 JSON：第 {} 字节处 {}", parsed.error.offset,
                     store::in_chinese(parsed.error.message))});
    return std::nullopt;
  }
  sent.root = *std::move(parsed.value);
  return sent;
}

}  // namespace

std::optional<http::Reply> refuse_other_type(const Request& request) {
  if (!request.http().has_body() || is_json(request.http().header("content-type"))) return std::nullopt;
  return problem(
      request, 415, "unsupported_media_type",
      {"send the body as content-type: application/json", "请以 content-type: application/json 发送"});
}

std::optional<Body> Body::read(Request& request, http::Reply& refusal, std::size_t most) {
  auto sent = read_json(request, refusal, most);
  if (!sent) return std::nullopt;
  if (!sent->root.is_object()) {
    refusal =
        problem(request, 400, "invalid_json", {"the body must be a JSON object", "请求体必须是 JSON 对象"});
    return std::nullopt;
  }
  Body body;
  body.json_ = std::move(sent->text);
  body.root_ = std::move(sent->root);
  // Programs differ in which of them they take.
  std::set<std::string_view> seen;
  for (const json::Member& member : body.root_.members)
    if (!seen.insert(member.key).second)
      body.complain(text::shortened(text::printable(member.key), 80), {"stands there twice", "出现了两次"});
  return body;
}

std::optional<Body> Body::read_bare(Request& request, http::Reply& refusal, std::string_view name) {
  auto sent = read_json(request, refusal, bytes_max);
  if (!sent) return std::nullopt;
  Body body;
  body.json_ = std::move(sent->text);
  body.root_.kind = json::Kind::object;
  body.root_.members.push_back({std::string(name), {}, std::move(sent->root)});
  return body;
}

bool Body::has(std::string_view field) const {
  return root_.find(field) != nullptr;
}

const json::Value* Body::field(std::string_view name) {
  known_.emplace(name);
  return root_.find(name);
}

std::optional<std::string> Body::text(std::string_view name) {
  const json::Value* value = field(name);
  if (value == nullptr) return std::nullopt;
  if (value->is_string()) return value->text;
  complain(name, must_be("a string", "字符串"));
  return std::nullopt;
}

std::optional<std::int64_t> Body::integer(std::string_view name, std::int64_t min, std::int64_t max) {
  const json::Value* value = field(name);
  if (value == nullptr) return std::nullopt;
  const auto number = value->is_number() ? json::to_integer(value->text) : std::nullopt;
  if (number && *number >= min && *number <= max) return number;
  complain(name, must_be(fmt::format("an integer from {} to {}", min, max),
                         fmt::format(" {} 到 {} 之间的整数", min, max)));
  return std::nullopt;
}

std::optional<double> Body::number(std::string_view name, double min, double max) {
  const json::Value* value = field(name);
  if (value == nullptr) return std::nullopt;
  const auto number = value->is_number() ? json::to_double(value->text) : std::nullopt;
  if (number && *number >= min && *number <= max) return number;
  complain(name, must_be(fmt::format("a number from {} to {}", min, max),
                         fmt::format(" {} 到 {} 之间的数", min, max)));
  return std::nullopt;
}

std::optional<bool> Body::boolean(std::string_view name) {
  const json::Value* value = field(name);
  if (value == nullptr) return std::nullopt;
  if (value->kind == json::Kind::boolean) return value->boolean;
  complain(name, must_be("true or false", " true 或 false"));
  return std::nullopt;
}

std::optional<std::vector<std::string>> Body::texts(std::string_view name) {
  const json::Value* value = field(name);
  if (value == nullptr) return std::nullopt;
  std::vector<std::string> list;
  bool is_fine = value->is_array();
  for (const json::Value& item : value->items) {
    is_fine = is_fine && item.is_string();
    list.push_back(item.text);
  }
  if (is_fine) return list;
  complain(name, must_be("a list of strings", "字符串列表"));
  return std::nullopt;
}

void Body::require(std::string_view name) {
  if (!has(name)) complain(name, {"is missing", "缺失"});
}

void Body::refuse_others() {
  for (const json::Member& member : root_.members)
    if (!known_.contains(member.key)) {
      known_.emplace(member.key);
      complain(text::shortened(text::printable(member.key), 80), {"is not known here", "不是可用的字段"});
    }
}

std::string_view Body::bytes_of(const json::Value& value) const noexcept {
  return std::string_view(json_).substr(value.span.begin, value.span.end - value.span.begin);
}

bool Body::refuse_half_characters(std::string_view field, const json::Value& value) {
  if (json::parse(bytes_of(value), {.comments = true}).value) return false;
  complain(field, {"holds half a surrogate pair, which is no character", "含有不完整的字符"});
  return true;
}

void Body::complain(std::string_view field, Sentence what) {
  complaints_.push_back({std::string(field), std::move(what)});
}

bool Body::complains_of(std::string_view field) const {
  return std::any_of(complaints_.begin(), complaints_.end(),
                     [&](const Complaint& complaint) { return complaint.field == field; });
}

bool Body::has_complaint_around(std::string_view field) const {
  return std::any_of(complaints_.begin(), complaints_.end(), [&](const Complaint& complaint) {
    return field.starts_with(complaint.field) &&
           (field.size() == complaint.field.size() || field[complaint.field.size()] == '/');
  });
}

http::Reply Body::refusal(const Request& request) const {
  std::string detail;
  json::Writer problems;
  problems.begin_array();
  for (const Complaint& complaint : complaints_) {
    const std::string& what = request.in_language(complaint.what);
    detail += fmt::format("{}{} {}", detail.empty() ? "" : "; ", complaint.field, what);
    problems.begin_object().key("field").string(complaint.field);
    problems.key("message").string(what).end_object();
  }
  problems.end_array();
  json::Writer writer;
  writer.begin_object().key("detail").string(text::shortened(detail, detail_bytes_max));
  writer.key("code").string("invalid_fields");
  writer.key("problems").raw(problems.text()).end_object();
  return json_reply(writer, 400);
}

}  // namespace airouterd::admin
