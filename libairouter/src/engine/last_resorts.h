#pragma once

#include <map>
#include <mutex>
#include <string>

#include <airouter/clock.h>

namespace airouter::engine {

// Allows one last resort per model in limits::last_resort_interval, so that an outage is felt out, not
// hammered. Thread-safe; bounded, since clients choose the names.
class LastResorts {
 public:
  bool try_take(const std::string& model, TimePoint now);

 private:
  std::mutex mutex_;
  std::map<std::string, TimePoint> last_{};  // guarded by mutex_
};

}  // namespace airouter::engine
