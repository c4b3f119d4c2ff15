#pragma once

#include <string>
#include <string_view>

namespace airouter::protocol {

// The text of the first choice in whole events or in a plain answer, as they are relayed.
std::string answer_text(std::string_view data);

}  // namespace airouter::protocol
