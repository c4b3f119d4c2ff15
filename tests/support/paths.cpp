// The only file that knows where it is built: the other objects are the same in every clone, and ccache
// shares them.
#include "support/paths.h"

std::string source_root() {
  return AIROUTER_SOURCE_ROOT;
}

std::string airouterd_program() {
  return AIROUTERD_PROGRAM;
}

std::string slow_names_library() {
#ifdef AIROUTER_SLOW_NAMES
  return AIROUTER_SLOW_NAMES;
#else
  return {};
#endif
}

std::string failing_calls_library() {
#ifdef AIROUTER_FAILING_CALLS
  return AIROUTER_FAILING_CALLS;
#else
  return {};
#endif
}
