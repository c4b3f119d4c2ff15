#pragma once

#include <string>

#include "base/random.h"

namespace airouterd::http {

// Makes the ids that requests are found by in logs: "req_" and 24 hexadecimal digits. Thread-safe. Ids are
// unique within one object for 2^64 of them, and told apart from another's by the prefix; not secret.
class RequestIds {
 public:
  // A seed from the operating system.
  RequestIds() : RequestIds(airouter::Random::system_seed()) {}
  explicit RequestIds(std::uint64_t seed) noexcept;

  std::string next();

 private:
  std::uint32_t prefix_ = 0;   // constant after construction
  airouter::Random sequence_;  // own synchronization
};

}  // namespace airouterd::http
