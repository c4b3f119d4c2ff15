#include "admin/config_replies.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/json.h"
#include "base/text.h"
#include "store/in_chinese.h"

namespace airouterd::admin {
namespace {

using airouter::ConfigProblem;
using airouter::json::Writer;
using Kind = store::ConfigOutcome::Kind;
namespace text = airouter::text;

constexpr std::size_t name_shown_bytes_max = 80;

// Marks that make a name read in another order than it is written (UAX 9), or that nobody sees.
constexpr std::array<std::string_view, 14> invisible_marks{"\u061C", "\u200B", "\u200E", "\u200F", "\u202A",
                                                           "\u202B", "\u202C", "\u202D", "\u202E", "\u2066",
                                                           "\u2067", "\u2068", "\u2069", "\uFEFF"};

struct Failure {
  Kind kind;
  int status;
  std::string_view code;
  Sentence detail;
};

// One row a kind; the reason, if there is any, follows the detail.
const std::array<Failure, 5>& failures() {
  static const std::array<Failure, 5> table{{
      {Kind::conflict,
       409,
       "config_changed",
       {"the config file was changed since it was read, so nothing was saved; reload it first, then change "
        "it "
        "again",
        "配置文件在读取之后被修改过，未保存任何内容；请先重新加载配置，再次修改"}},
      {Kind::invalid, 400, "invalid_config", {"the config would be invalid", "配置无效"}},
      {Kind::unreadable, 400, "config_unreadable", {"the config file", "配置文件"}},
      {Kind::not_saved, 507, "not_saved", {"nothing was saved", "未保存任何内容"}},
      {Kind::not_applied, 500, "not_applied", {"saved, but not in use", "已保存，但未生效"}},
  }};
  return table;
}

std::string field_of(const ConfigProblem& problem, std::string_view base) {
  std::string_view where = problem.where;
  if (where.starts_with(base)) where.remove_prefix(base.size());
  if (where.starts_with('/')) where.remove_prefix(1);
  return text::shortened(text::printable(where), 200);
}

// "3:14 /providers/0/weight"
std::string place_of(const ConfigProblem& problem) {
  std::string where = text::shortened(text::printable(problem.where), 200);
  if (problem.line == 0) return where;
  return fmt::format("{}:{}{}{}", problem.line, problem.column, where.empty() ? "" : " ", where);
}

// Of a file, with its place; of what was sent, with its field.
void write_problem(Writer& writer, const Request& request, const ConfigProblem& problem,
                   std::optional<std::string_view> base) {
  writer.begin_object();
  if (base) {
    writer.key("field").string(field_of(problem, *base));
  } else {
    writer.key("where").string(text::printable(problem.where));
    writer.key("line").integer(problem.line).key("column").integer(problem.column);
  }
  writer.key("message").string(request.in_language(sentence_of(problem))).end_object();
}

std::string detail_of(const Request& request, const Failure& failure, const store::ConfigOutcome& outcome,
                      std::optional<std::string_view> base) {
  std::string detail = request.in_language(failure.detail);
  if (!outcome.reason.empty() && failure.kind != Kind::invalid)
    detail +=
        (failure.kind == Kind::unreadable ? " " : ": ") + request.in_language(sentence_of(outcome.reason));
  std::string_view separator = ": ";
  for (const ConfigProblem& problem : outcome.problems) {
    detail += separator;
    detail += fmt::format("{}: {}", base ? field_of(problem, *base) : place_of(problem),
                          request.in_language(sentence_of(problem)));
    separator = "; ";
  }
  return text::shortened(detail, 4000);
}

}  // namespace

Sentence sentence_of(std::string_view english) {
  return {text::printable(english), text::printable(store::in_chinese(english))};
}

Sentence sentence_of(const ConfigProblem& problem) {
  return sentence_of(problem.message);
}

store::ConfigStore::Title titled(std::string_view english, std::string_view chinese, std::string_view name) {
  const std::string shown = text::shortened(text::printable(name), name_shown_bytes_max);
  return {fmt::format(fmt::runtime(english), shown), fmt::format(fmt::runtime(chinese), shown)};
}

http::Reply refusal_of(const Request& request, const store::ConfigOutcome& outcome,
                       std::optional<std::string_view> base) {
  const auto& table = failures();
  const auto failure =
      std::find_if(table.begin(), table.end(), [&](const Failure& row) { return row.kind == outcome.kind; });
  if (failure == table.end())
    return problem(request, 500, "internal_error", {"something went wrong", "出错了"});
  Writer writer;
  writer.begin_object().key("detail").string(detail_of(request, *failure, outcome, base));
  writer.key("code").string(failure->code);
  if (!outcome.problems.empty()) {
    writer.key("problems").begin_array();
    for (const ConfigProblem& problem : outcome.problems)
      write_problem(writer, request, problem, base);
    writer.end_array();
  }
  writer.end_object();
  return json_reply(writer, failure->status);
}

void complain_of_config(Body& body, const store::ConfigOutcome& outcome, std::string_view base) {
  for (const ConfigProblem& problem : outcome.problems) {
    const std::string field = field_of(problem, base);
    if (!field.empty() && !body.has_complaint_around(field)) body.complain(field, sentence_of(problem));
  }
}

Sentence name_complaint(std::string_view name) {
  const bool has_mark =
      std::any_of(invisible_marks.begin(), invisible_marks.end(),
                  [&](std::string_view mark) { return name.find(mark) != std::string_view::npos; });
  if (has_mark)
    return {"must not hold invisible marks or marks of writing direction",
            "不能包含不可见字符或书写方向标记"};
  return {};
}

}  // namespace airouterd::admin
