#pragma once

#include <string>
#include <vector>

#include "load_target.h"

namespace bench {

// Asks until a plain answer comes. False: none came in that time.
bool wait_for_answer(const Target& target, double patience_s);

// Starts a program and measures how long it takes until it has answered, then ends it. Prints
// first_answer_ms.
bool measure_first_answer(const Target& target, const std::vector<std::string>& command, double patience_s);

}  // namespace bench
