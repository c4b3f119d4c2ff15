#include <airouter/version.h>

namespace airouter {

const char* version() noexcept {
  return AIROUTER_VERSION;
}

}  // namespace airouter
