#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace airouter::protocol {

// A plain answer as the event stream that was asked for: one chunk, an event with the usage if there is one,
// and [DONE]. Bytes are spliced, so that everything but the few places that must differ survives as it came;
// one `data:` line an event. Usage is null in the chunk and stands in an event of its own without choices, as
// OpenAI does it. `model`, a name, replaces the answer's. Nothing: the body is no good chat completion.
std::optional<std::string> stream_of_answer(std::string_view body, std::optional<std::string_view> model);

}  // namespace airouter::protocol
