#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>

namespace airouterd {

// Does what a running server does beside its calls, on a thread of its own: all of it may have to wait for a
// disk, and whoever waits for signals must not. Used by one thread.
class Housekeeper {
 public:
  // What there is to do; never two of them at a time.
  struct Duties {
    std::function<void()> reload{};         // when asked to
    std::function<void()> keep_config{};    // once a config has served for a while, and at the end
    std::function<void()> save_counters{};  // now and then
  };

  // Throws std::system_error if there is no thread to have.
  explicit Housekeeper(Duties duties) : duties_(std::move(duties)), thread_([this] { run(); }) {}
  ~Housekeeper();  // returns when all is done
  Housekeeper(const Housekeeper&) = delete;
  Housekeeper& operator=(const Housekeeper&) = delete;

  // Never waits.
  void ask_to_reload();

 private:
  void run();

  const Duties duties_;  // constant after construction

  // Guarded by mutex_.
  std::mutex mutex_{};
  std::condition_variable asked_{};
  bool must_reload_ = false, is_ending_ = false;

  std::thread thread_;  // the last one: it uses all the others
};

}  // namespace airouterd
