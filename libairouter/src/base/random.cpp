#include "base/random.h"

#include <random>

namespace airouter {

std::uint64_t Random::system_seed() {
  std::random_device device;
  return (std::uint64_t{device()} << 32) ^ device();
}

}  // namespace airouter
