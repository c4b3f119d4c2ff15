#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <airouter/events.h>

#include "base/json.h"
#include "protocol/error_facts.h"

namespace airouter::protocol {

struct JudgedAnswer {
  enum class Kind { good, error, bad };
  Kind kind = Kind::bad;
  std::string reason{};                    // why it is bad, for people; never a part of the body
  std::vector<json::Span> model_places{};  // of the top-level `model` strings
  std::optional<Usage> usage{};
  ErrorFacts error{};
};

// A plain 2xx body, whole. Good: a JSON object with an object in its `choices`, and no error. Pure; linear in
// the body, and its memory does not grow with it.
JudgedAnswer judge_answer(std::string_view body);

// Whether a body is an event stream, whatever its content-type says.
bool looks_like_events(std::string_view body) noexcept;

}  // namespace airouter::protocol
