#pragma once

#include <atomic>
#include <chrono>
#include <utility>

#include <airouter/result.h>

namespace airouterd::proxy {

// What clients are told when the server stops: whoever tries again finds the next one.
inline airouter::Error shutdown_error() {
  return {airouter::ErrorCode::overloaded, "the server is shutting down", 0, std::chrono::seconds(1)};
}

// Counts the calls in flight, bounds them, and closes for a drain. Thread-safe; must outlive its tickets.
class Gate {
 public:
  // The right to run one call, given back when destroyed.
  class Ticket {
   public:
    Ticket() = default;
    explicit Ticket(Gate* gate) noexcept : gate_(gate) {}
    Ticket(Ticket&& other) noexcept : gate_(std::exchange(other.gate_, nullptr)) {}
    Ticket& operator=(Ticket&& other) noexcept {
      std::swap(gate_, other.gate_);
      return *this;
    }
    ~Ticket() {
      if (gate_ != nullptr) gate_->in_flight_.fetch_sub(1);
    }
    explicit operator bool() const noexcept { return gate_ != nullptr; }
    bool is_draining() const noexcept { return gate_ != nullptr && gate_->is_draining(); }

   private:
    Gate* gate_ = nullptr;
  };

  explicit Gate(int in_flight_max) noexcept : in_flight_max_(in_flight_max) {}

  // Empty: the bound is reached.
  Ticket enter() noexcept {
    if (in_flight_.fetch_add(1) < in_flight_max_) return Ticket(this);
    in_flight_.fetch_sub(1);
    return {};
  }

  // From now on nothing new is let in; `is_draining` says so. Cannot be undone.
  void drain() noexcept { draining_.store(true); }
  bool is_draining() const noexcept { return draining_.load(); }

  int in_flight() const noexcept { return in_flight_.load(); }

 private:
  const int in_flight_max_;
  std::atomic<int> in_flight_{0};
  std::atomic<bool> draining_{false};
};

}  // namespace airouterd::proxy
