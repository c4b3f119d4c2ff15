#include "protocol/answer_judge.h"

#include <fmt/format.h>

#include "base/text.h"
#include "protocol/body_scan.h"

namespace airouter::protocol {
namespace {

std::string reason_of(std::string_view body, const json::ParseError& error) {
  if (text::trim(body).empty()) return "the answer is empty";
  if (looks_like_html(body)) return "the answer is HTML";
  if (looks_like_events(body)) return "the answer is an event stream, but none was asked for";
  return fmt::format("the answer is not valid JSON: {} at byte {}", error.message, error.offset);
}

}  // namespace

JudgedAnswer judge_answer(std::string_view body) {
  BodyScan scan;
  if (const auto error = json::scan(body, scan)) return {.reason = reason_of(body, *error)};
  JudgedAnswer judged;
  judged.error = scan.take_error();
  if (judged.error.is_error) {
    judged.kind = JudgedAnswer::Kind::error;
  } else if (!scan.is_object()) {
    judged.reason = "the answer is not a JSON object";
  } else if (!scan.has_choices()) {
    judged.reason = "the answer has no choices";
  } else {
    judged.kind = JudgedAnswer::Kind::good;
    judged.model_places = scan.model_places();
    judged.usage = scan.usage();
  }
  return judged;
}

bool looks_like_events(std::string_view body) noexcept {
  constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
  if (body.starts_with(byte_order_mark)) body.remove_prefix(byte_order_mark.size());
  body = text::trim(body);
  for (const std::string_view field : {"data:", "event:", "id:", "retry:", ":"})
    if (body.starts_with(field)) return true;
  return false;
}

}  // namespace airouter::protocol
