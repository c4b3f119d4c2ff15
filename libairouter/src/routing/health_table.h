#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include <airouter/config.h>

#include "routing/provider_health.h"

namespace airouter::routing {

// The health of every provider, kept across reloads by name, origin and key. Thread-safe.
class HealthTable {
 public:
  // The provider's health: a fresh one if it is new, or if its origin or key changed.
  std::shared_ptr<ProviderHealth> of(const Provider& provider);

  // Forgets those that `config` does not name.
  void keep_only(const Config& config);

 private:
  struct Entry {
    std::string origin{};
    Secret key{};
    std::shared_ptr<ProviderHealth> health{};
  };

  // Constant after construction.
  const std::shared_ptr<std::atomic<std::size_t>> wildcard_count_ =
      std::make_shared<std::atomic<std::size_t>>(0);

  std::mutex mutex_;
  // Guarded by mutex_.
  std::map<std::string, Entry> entries_{};
};

}  // namespace airouter::routing
