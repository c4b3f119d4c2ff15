#include <algorithm>
#include <cerrno>
#include <poll.h>
#include <thread>

#include <airouter/clock.h>
#include <airouter/transport.h>

namespace airouter {
namespace {

class SystemClock final : public Clock {
 public:
  TimePoint now() const noexcept override { return std::chrono::steady_clock::now(); }

  std::chrono::system_clock::time_point wall_now() const noexcept override {
    return std::chrono::system_clock::now();
  }

  bool sleep_until(TimePoint until, const Interrupt* interrupt) override {
    if (interrupt == nullptr) return std::this_thread::sleep_until(until), true;
    // Without a descriptor the interrupt is only a flag: look at it now and then.
    const bool pollable = interrupt->wait_fd() >= 0;
    constexpr std::chrono::milliseconds glance{20}, longest{60'000};
    while (!interrupt->triggered()) {
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - now());
      if (left.count() <= 0) return true;
      pollfd waiting{interrupt->wait_fd(), POLLIN, 0};
      ::poll(&waiting, pollable ? 1 : 0,
             static_cast<int>(std::min(left, pollable ? longest : glance).count()));
    }
    return false;
  }
};

}  // namespace

std::shared_ptr<Clock> make_system_clock() {
  return std::make_shared<SystemClock>();
}

}  // namespace airouter
