#pragma once

#include <string>

#include <airouter/call.h>

namespace airouterd::demo {

// A call drawn in text for a terminal: a line per attempt with its bar on one time axis, what came of it, and
// what it did to health. Pure.
std::string picture_of(const airouter::CallSummary& call);

}  // namespace airouterd::demo
