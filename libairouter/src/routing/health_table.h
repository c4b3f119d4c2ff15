#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include <airouter/config.h>

#include "routing/provider_health.h"

namespace airouter::routing {

// The health of every provider, kept across reloads by name, URL and key. Thread-safe.
class HealthTable {
 public:
  // The provider's health: a fresh one if it is new, or if its URL or key changed.
  std::shared_ptr<ProviderHealth> of(const Provider& provider);

  // Forgets the providers that `config` does not name, and shares out among the others how many client-chosen
  // model names may be remembered.
  void settle_on(const Config& config);

 private:
  struct Entry {
    std::string place{};
    Secret key{};
    std::shared_ptr<ProviderHealth> health{};
  };

  std::mutex mutex_;
  // Guarded by mutex_.
  std::map<std::string, Entry> entries_{};
};

}  // namespace airouter::routing
