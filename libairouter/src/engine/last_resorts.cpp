#include "engine/last_resorts.h"

#include "base/limits.h"

namespace airouter::engine {

bool LastResorts::try_take(const std::string& model, TimePoint now) {
  const std::scoped_lock lock(mutex_);
  const auto found = last_.find(model);
  if (found != last_.end() && now < found->second + limits::last_resort_interval) return false;
  if (last_.size() >= limits::wildcard_models_max)
    std::erase_if(last_,
                  [&](const auto& entry) { return now >= entry.second + limits::last_resort_interval; });
  if (last_.size() >= limits::wildcard_models_max) return false;
  last_[model] = now;
  return true;
}

}  // namespace airouter::engine
