#pragma once

#include <atomic>
#include <thread>

namespace airouterd {

// Sees to it that a process ends that is asked a second time to, even if it waits for a disk that does not
// answer: what is not saved a while after that is lost. Used by one thread.
class EndWatch {
 public:
  EndWatch() = default;
  ~EndWatch();
  EndWatch(const EndWatch&) = delete;
  EndWatch& operator=(const EndWatch&) = delete;

  // Calls are over, and only files are left to be saved. From now on signals come here. `is_asked_again`: the
  // second request has come already. Without a thread for it nothing is watched.
  void begin(bool is_asked_again) noexcept;

 private:
  void run(bool is_asked_again) const;

  std::atomic<bool> is_over_{false};  // own synchronization
  std::thread thread_{};
};

}  // namespace airouterd
