#pragma once
// The version of the library this header belongs to, and of the one that is linked.

#define AIROUTER_VERSION_MAJOR 0
#define AIROUTER_VERSION_MINOR 9
#define AIROUTER_VERSION_PATCH 0
#define AIROUTER_VERSION "0.9.0"

#include <airouter/export.h>

namespace airouter {

// The linked library's version, as "major.minor.patch". Compare it with AIROUTER_VERSION to find a mismatch.
AIROUTER_EXPORT const char* version() noexcept;

}  // namespace airouter
