#include "protocol/stream_judge.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"

namespace airouter::protocol {
namespace {

constexpr std::size_t error_text_bytes_max = limits::kibibyte;

}  // namespace

JudgedEvent StreamJudge::judge(std::string_view data, std::string_view event_name) {
  JudgedEvent judged;
  if (text::trim(data) == "[DONE]") {
    is_done_ = true;
    judged.kind = JudgedEvent::Kind::done;
    return judged;
  }
  EventScan scan;
  const std::optional<json::ParseError> broken = json::scan(data, scan);
  if (!broken) judged.error = scan.take_error();
  if (event_name == "error" && !judged.error.is_error) {
    judged.error.is_error = true;
    judged.error.message =
        text::shortened(text::valid_utf8(data.substr(0, error_text_bytes_max)), error_text_bytes_max);
  }
  if (judged.error.is_error) {
    judged.kind = JudgedEvent::Kind::error;
    return judged;
  }
  if (broken || !scan.is_object()) {
    judged.reason =
        broken ? fmt::format("an event is not valid JSON: {} at byte {}", broken->message, broken->offset)
               : "an event is not a JSON object";
    return judged;
  }
  for (const EventScan::Choice& choice : scan.choices())
    note(choice);
  too_many_choices_ = too_many_choices_ || scan.has_too_many_choices();
  has_output_ = has_output_ || scan.has_output();
  judged.kind = scan.has_output() ? JudgedEvent::Kind::output : JudgedEvent::Kind::silent;
  judged.model_places = scan.model_places();
  judged.usage = scan.usage();
  return judged;
}

bool StreamJudge::is_complete() const noexcept {
  if (is_done_) return true;
  if (choices_.empty() || too_many_choices_) return false;
  return std::all_of(choices_.begin(), choices_.end(), [](const auto& choice) { return choice.is_finished; });
}

void StreamJudge::note(const EventScan::Choice& choice) {
  const auto is_before = [](const EventScan::Choice& a, const EventScan::Choice& b) {
    return a.index < b.index;
  };
  const auto place = std::lower_bound(choices_.begin(), choices_.end(), choice, is_before);
  if (place != choices_.end() && place->index == choice.index) {
    place->is_finished = place->is_finished || choice.is_finished;
  } else if (choices_.size() == EventScan::choices_max) {
    too_many_choices_ = true;
  } else {
    choices_.insert(place, choice);
  }
}

}  // namespace airouter::protocol
