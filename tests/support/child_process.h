#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <thread>
#include <vector>

// What a program finds beside its arguments.
struct Surroundings {
  std::string folder{};                  // to start in; empty: the test's own
  std::vector<std::string> variables{};  // of the environment, as NAME=VALUE, instead of the test's
  unsigned long descriptors_max = 0;     // RLIMIT_NOFILE, hard and soft; 0: the test's own
};

// A program that runs beside the test, with what it says on stdout and stderr. Killed and reaped when
// destroyed. Thread-safe, but for waiting for its end, which is for one thread.
class ChildProcess {
 public:
  // Starts `program` without a shell, with an English locale and no input. Throws std::system_error if there
  // are no descriptors or processes to have.
  ChildProcess(const std::string& program, const std::vector<std::string>& arguments,
               const Surroundings& surroundings);
  explicit ChildProcess(const std::string& program, const std::vector<std::string>& arguments,
                        const std::string& folder = {})
      : ChildProcess(program, arguments, Surroundings{folder, {}, 0}) {}
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  pid_t id() const noexcept { return id_; }
  std::string output() const;
  std::string errors() const;

  // Waits until stdout holds `text`, from byte `from` on. False: it did not come, or the output ended first.
  bool says(std::string_view text, std::chrono::milliseconds patience = std::chrono::seconds(10),
            std::size_t from = 0) const;

  void signal(int number) const;

  // The exit code, or 128 and the signal that ended it, once all it said is read. Nothing: it goes on.
  std::optional<int> wait(std::chrono::milliseconds patience = std::chrono::seconds(10));

  // A figure of /proc/PID/status in KiB, such as "VmHWM" or "RssAnon"; 0 if it is not there.
  long memory_kib(std::string_view name) const;

  // How many threads it has, and how much processor time it has taken so far.
  long threads() const { return memory_kib("Threads"); }
  std::chrono::milliseconds processor_time() const;

  // The open descriptors; nothing where the system does not let us see them.
  std::optional<long> descriptors() const;

 private:
  void read_all(int out_fd, int error_fd);

  // Constant after construction.
  pid_t id_ = -1;
  int stop_fd_ = -1;
  std::thread reader_{};

  // Guarded by mutex_.
  mutable std::mutex mutex_{};
  mutable std::condition_variable changed_{};
  std::string output_{}, errors_{};
  bool is_silent_ = false;  // both ends are closed

  std::optional<int> exit_code_{};  // used by the thread that waits
};
