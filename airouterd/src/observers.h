#pragma once

#include <memory>
#include <utility>
#include <vector>

#include <airouter/events.h>

namespace airouterd {

// Passes every event on to several observers, in order. Thread-safe as far as they are.
class Observers final : public airouter::Observer {
 public:
  explicit Observers(std::vector<std::shared_ptr<airouter::Observer>> observers)
      : observers_(std::move(observers)) {}

  void on_call_started(const airouter::CallSummary& call) noexcept override {
    for (const auto& observer : observers_)
      observer->on_call_started(call);
  }
  void on_attempt(const airouter::CallSummary& call, const airouter::Attempt& attempt) noexcept override {
    for (const auto& observer : observers_)
      observer->on_attempt(call, attempt);
  }
  void on_call_finished(const airouter::CallSummary& call, const airouter::Error* error) noexcept override {
    for (const auto& observer : observers_)
      observer->on_call_finished(call, error);
  }
  void on_health(const airouter::HealthEvent& event) noexcept override {
    for (const auto& observer : observers_)
      observer->on_health(event);
  }

 private:
  const std::vector<std::shared_ptr<airouter::Observer>> observers_;
};

}  // namespace airouterd
