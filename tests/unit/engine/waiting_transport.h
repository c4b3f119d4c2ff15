#pragma once

#include <atomic>
#include <memory>
#include <poll.h>

#include <airouter/transport.h>

// Providers that never answer: each wait lasts until it is interrupted or its time is over. For tests of what
// ends such a wait; they need the real clock.
class WaitingTransport final : public airouter::Transport {
 public:
  std::unique_ptr<airouter::Exchange> open(const airouter::HttpRequest& /*request*/) override {
    return std::make_unique<Silence>(waiting_);
  }

  int waiting() const { return waiting_.load(); }  // how many exchanges are being waited on

 private:
  class Silence final : public airouter::Exchange {
   public:
    explicit Silence(std::atomic<int>& waiting) : waiting_(waiting) { ++waiting_; }
    ~Silence() override { --waiting_; }

    Event wait(airouter::TimePoint until, const airouter::Interrupt* interrupt) override {
      const auto left = until - std::chrono::steady_clock::now();
      pollfd watched{interrupt == nullptr ? -1 : interrupt->wait_fd(), POLLIN, 0};
      ::poll(&watched, 1,
             static_cast<int>(std::chrono::duration_cast<std::chrono::milliseconds>(left).count()) + 1);
      return interrupt != nullptr && interrupt->triggered() ? Event::interrupted : Event::timeout;
    }
    const airouter::HttpHead& head() const override { return head_; }
    std::string_view body() const override { return {}; }
    airouter::TransferFailure failure() const override { return airouter::TransferFailure::reset; }

   private:
    std::atomic<int>& waiting_;
    airouter::HttpHead head_{};
  };

  std::atomic<int> waiting_{0};
};
