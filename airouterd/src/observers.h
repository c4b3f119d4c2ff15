#pragma once

#include <atomic>
#include <memory>
#include <utility>
#include <vector>

#include <airouter/events.h>
#include <airouter/result.h>

#include "proxy/gate.h"

namespace airouterd {

// Passes every event on to several observers, in order. A call that the server ends knows only that it was
// cancelled: they are told what its client is told. Thread-safe as far as they are.
class Observers final : public airouter::Observer {
 public:
  explicit Observers(std::vector<std::shared_ptr<airouter::Observer>> observers)
      : observers_(std::move(observers)) {}

  // From now on, calls that are cancelled are ended by the server.
  void end_calls() noexcept { is_ending_calls_ = true; }

  void on_call_started(const airouter::CallSummary& call) noexcept override {
    for (const auto& observer : observers_)
      observer->on_call_started(call);
  }
  void on_attempt(const airouter::CallSummary& call, const airouter::Attempt& attempt) noexcept override {
    for (const auto& observer : observers_)
      observer->on_attempt(call, attempt);
  }
  void on_call_finished(const airouter::CallSummary& call, const airouter::Error* error) noexcept override {
    const bool is_ended =
        error != nullptr && error->code == airouter::ErrorCode::cancelled && is_ending_calls_;
    for (const auto& observer : observers_)
      observer->on_call_finished(call, is_ended ? &ended_ : error);
  }
  void on_health(const airouter::HealthEvent& event) noexcept override {
    for (const auto& observer : observers_)
      observer->on_health(event);
  }

 private:
  static airouter::Error ended() {
    airouter::Error error = proxy::shutdown_error();
    error.http_status = airouter::http_status_of(error);
    error.code = airouter::ErrorCode::cancelled;  // nobody has failed
    return error;
  }

  // Constant after construction.
  const std::vector<std::shared_ptr<airouter::Observer>> observers_;
  const airouter::Error ended_ = ended();

  std::atomic<bool> is_ending_calls_{false};  // own synchronization
};

}  // namespace airouterd
