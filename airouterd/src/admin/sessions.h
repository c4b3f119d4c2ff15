#pragma once

#include <chrono>
#include <mutex>
#include <string>
#include <vector>

#include <airouter/clock.h>

#include "store/secrets.h"

namespace airouterd::admin {

// Who has logged in by password, until they expire or the process ends. Kept as hashes. Thread-safe.
class Sessions {
 public:
  static constexpr std::chrono::hours lifetime{12};

  // One more ends the one that would have expired first.
  static constexpr std::size_t sessions_max = 64;

  // A token of its own.
  std::string start(const store::Hasher& hasher, airouter::TimePoint now);

  bool holds(const store::Digest& token, airouter::TimePoint now) const;

  void end_all();

 private:
  struct Session {
    store::Digest token{};
    airouter::TimePoint until{};
  };

  mutable std::mutex mutex_;
  std::vector<Session> sessions_{};  // guarded by mutex_; oldest first
};

}  // namespace airouterd::admin
