#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>

#include <airouter/call.h>
#include <airouter/events.h>

namespace airouterd::store {

// Counts since the start: requests by how they ended, attempts by provider and by provider and model.
// Thread-safe.
class Statistics final : public airouter::Observer {
 public:
  struct Requests {
    std::int64_t total = 0, ok = 0, rescued = 0, failed = 0, cancelled = 0;  // total = the other four
  };
  // Attempts that were cancelled, or whose request was itself at fault, are neither successful nor failed.
  struct Attempts {
    std::int64_t total = 0, successful = 0, failed = 0;
    std::string last_error{};
  };
  struct Snapshot {
    Requests requests{};
    std::map<std::string, Attempts> providers{};
    std::map<std::string, Attempts> models{};  // "PROVIDER:MODEL"
  };

  Snapshot snapshot() const;

  void on_attempt(const airouter::CallSummary& call, const airouter::Attempt& attempt) noexcept override;
  void on_call_finished(const airouter::CallSummary& call, const airouter::Error* error) noexcept override;

 private:
  mutable std::mutex mutex_;
  Snapshot counts_{};  // guarded by mutex_; its names come from the config, so it stays bounded by it
};

}  // namespace airouterd::store
