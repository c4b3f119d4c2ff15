#pragma once

#include <algorithm>
#include <cstdlib>

#include "support/sanitized.h"

// How often a process is killed: 100 times, or as often as AIROUTER_TEST_KILLS says.
inline int kills() {
  const char* wanted = std::getenv("AIROUTER_TEST_KILLS");
  return wanted != nullptr ? std::max(std::atoi(wanted), 1) : is_sanitized ? 20 : 100;
}
