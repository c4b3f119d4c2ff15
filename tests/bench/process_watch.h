#pragma once

#include <cstdint>
#include <sys/types.h>
#include <vector>

namespace bench {

// What a process and all its descendants have used. From outside, without their help.
class ProcessWatch {
 public:
  // 0 watches nothing: everything it says is 0.
  explicit ProcessWatch(pid_t root);

  // Processor time of all their threads, ended ones included, user and system, in nanoseconds.
  std::int64_t cpu_ns() const;

  // From now on the peak of memory is counted afresh, where the system lets us.
  void forget_peak() const;

  struct Size {
    std::int64_t rss_kib = 0, rss_anonymous_kib = 0, rss_peak_kib = 0;  // summed over the processes
    std::int64_t threads = 0, descriptors = 0;  // descriptors: -1 if another user's are not to be seen
  };
  Size size() const;

 private:
  std::vector<pid_t> processes_{};
};

}  // namespace bench
