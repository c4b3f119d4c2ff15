#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <airouter/events.h>

#include "base/json.h"
#include "protocol/error_facts.h"
#include "protocol/event_scan.h"

namespace airouter::protocol {

struct JudgedEvent {
  enum class Kind {
    silent,  // fine, but nothing that a reader would see: a role, an empty delta, usage
    output,  // a delta that is not empty, or a finish reason
    done,    // [DONE]
    error,   // tells of an error
    bad,     // no JSON object
  };
  Kind kind = Kind::bad;
  std::vector<json::Span> model_places{};  // of the top-level `model` strings
  std::optional<Usage> usage{};
  ErrorFacts error{};
  std::string reason{};  // why it is bad, for people; never a part of the event
};

// Judges the events of one streamed answer, in their order. Used by one thread. Memory is bounded: of more
// choices than anybody asks for, completeness is told by [DONE] alone.
class StreamJudge {
 public:
  // An event named "error" is one, whatever its data.
  JudgedEvent judge(std::string_view data, std::string_view event_name);

  bool has_output() const noexcept { return has_output_; }

  // [DONE] came, or every choice seen has its finish reason.
  bool is_complete() const noexcept;

 private:
  void note(const EventScan::Choice& choice);

  std::vector<EventScan::Choice> choices_{};  // by index
  bool too_many_choices_ = false, has_output_ = false, is_done_ = false;
};

}  // namespace airouter::protocol
