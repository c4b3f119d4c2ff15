#pragma once

#include <memory>
#include <string>

#include <airouter/call.h>

namespace airouterd::store {

// What the daemon knows of a call beyond what the library does. Travels with the call as its context.
// Immutable.
struct RequestFacts {
  std::string request_id{};      // as in x-request-id
  std::string method{}, path{};  // as in the log
  std::string client_ip{};
  std::string key_id{};  // of the client key; "panel" for the panel's own; empty: none was needed
};

// The facts of a call that the daemon opened; null for others.
inline const RequestFacts* facts_of(const airouter::CallSummary& call) noexcept {
  return static_cast<const RequestFacts*>(call.context.get());
}

}  // namespace airouterd::store
