#include "housekeeper.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace airouterd {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

// How long a config has served at most before it counts as good.
constexpr auto keep_interval = 10s;

// What a kill may lose of the counters of client keys.
constexpr auto save_interval = 30s;

// Without memory it is done the next time.
void fulfil(const std::function<void()>& duty) noexcept {
  try {
    if (duty) duty();
  } catch (...) {
  }
}

}  // namespace

Housekeeper::~Housekeeper() {
  {
    const std::scoped_lock lock(mutex_);
    is_ending_ = true;
    asked_.notify_one();
  }
  thread_.join();
}

void Housekeeper::ask_to_reload() {
  const std::scoped_lock lock(mutex_);
  must_reload_ = true;
  asked_.notify_one();
}

void Housekeeper::run() {
  auto keep_at = steady_clock::now() + keep_interval, save_at = steady_clock::now() + save_interval;
  for (;;) {
    std::unique_lock lock(mutex_);
    asked_.wait_for(lock, std::min(keep_at, save_at) - steady_clock::now(),
                    [this] { return must_reload_ || is_ending_; });
    const bool is_ending = is_ending_, must_reload = std::exchange(must_reload_, false);
    lock.unlock();
    if (is_ending) break;
    if (must_reload) {
      fulfil(duties_.reload);
      keep_at = steady_clock::now() + keep_interval;
    }
    if (steady_clock::now() >= keep_at) {
      fulfil(duties_.keep_config);
      keep_at = steady_clock::now() + keep_interval;
    }
    if (steady_clock::now() >= save_at) {
      fulfil(duties_.save_counters);
      save_at = steady_clock::now() + save_interval;
    }
  }
  fulfil(duties_.save_counters);
  fulfil(duties_.keep_config);
}

}  // namespace airouterd
