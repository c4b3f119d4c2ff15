#include <utility>

#include <airouter/call.h>

#include "protocol/answer_text.h"

namespace airouter {

std::string text_of(std::string_view data) {
  return protocol::answer_text(data);
}

StreamCallbacks text_callbacks(std::function<Flow(std::string_view text)> on_text) {
  StreamCallbacks callbacks;
  callbacks.on_data = [on_text = std::move(on_text)](std::string_view data) {
    const std::string text = text_of(data);
    return text.empty() || !on_text ? Flow::proceed : on_text(text);
  };
  return callbacks;
}

}  // namespace airouter
