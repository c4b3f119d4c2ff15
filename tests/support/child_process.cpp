#include "support/child_process.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>

#include "support/sanitized.h"

namespace {

[[noreturn]] void fail(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

std::array<int, 2> make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) fail("pipe2");
  return ends;
}

// Between fork and exec: nothing but calls that are safe there.
[[noreturn]] void become(const char* program, char* const* arguments, char* const* environment,
                         const Surroundings& surroundings, int out_fd, int error_fd) {
  const char* const folder = surroundings.folder.c_str();
  const rlimit descriptors{surroundings.descriptors_max, surroundings.descriptors_max};
  const int nothing = ::open("/dev/null", O_RDONLY);
  const bool is_ready = ::dup2(nothing, 0) == 0 && ::dup2(out_fd, 1) == 1 && ::dup2(error_fd, 2) == 2 &&
                        (*folder == '\0' || ::chdir(folder) == 0) &&
                        (descriptors.rlim_max == 0 || ::setrlimit(RLIMIT_NOFILE, &descriptors) == 0);
  if (is_ready) ::execve(program, arguments, environment);
  ::_exit(127);
}

std::vector<char*> pointers_to(std::vector<std::string>& strings) {
  std::vector<char*> pointers;
  for (std::string& string : strings)
    pointers.push_back(string.data());
  pointers.push_back(nullptr);
  return pointers;
}

// The test's environment without what changes the daemon's ways.
std::vector<std::string> plain_environment(const std::vector<std::string>& more) {
  std::vector<std::string> kept{"LC_ALL=C.UTF-8"};
  kept.insert(kept.end(), more.begin(), more.end());
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const auto begins = [&](std::string_view name) { return text.starts_with(name); };
    if (!begins("LC_") && !begins("LANG") && text.find("_proxy=") == text.npos &&
        text.find("_PROXY=") == text.npos)
      kept.emplace_back(text);
  }
  return kept;
}

}  // namespace

ChildProcess::ChildProcess(const std::string& program, const std::vector<std::string>& arguments,
                           const Surroundings& surroundings) {
  std::vector<std::string> words{program};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<std::string> variables = plain_environment(surroundings.variables);
  const std::vector<char*> argument_pointers = pointers_to(words), environment = pointers_to(variables);
  stop_fd_ = ::eventfd(0, EFD_CLOEXEC);
  const auto out = make_pipe(), error = make_pipe();
  id_ = ::fork();
  if (id_ < 0) fail("fork");
  if (id_ == 0)
    become(program.c_str(), argument_pointers.data(), environment.data(), surroundings, out[1], error[1]);
  ::close(out[1]);
  ::close(error[1]);
  reader_ = std::thread([this, out_fd = out[0], error_fd = error[0]] { read_all(out_fd, error_fd); });
}

ChildProcess::~ChildProcess() {
  // Leaks are looked for when a program ends by itself.
  if (is_address_sanitized && !exit_code_) {
    ::kill(id_, SIGTERM);
    wait(std::chrono::seconds(1));
  }
  if (!exit_code_) {
    ::kill(id_, SIGKILL);
    ::waitpid(id_, nullptr, 0);
  }
  ::eventfd_write(stop_fd_, 1);  // a grandchild may hold the other ends
  reader_.join();
  ::close(stop_fd_);
  // UndefinedBehaviorSanitizer tells it here whatever log_path says, and nobody may be left to see how the
  // program ended.
  if (is_address_sanitized && errors_.find(": runtime error: ") != std::string::npos) {
    std::fputs(errors_.c_str(), stderr);
    std::abort();
  }
}

void ChildProcess::read_all(int out_fd, int error_fd) {
  std::array<pollfd, 3> fds{{{out_fd, POLLIN, 0}, {error_fd, POLLIN, 0}, {stop_fd_, POLLIN, 0}}};
  std::array<char, 16384> piece{};
  while (fds[0].fd >= 0 || fds[1].fd >= 0) {
    ::poll(fds.data(), fds.size(), -1);
    if (fds[2].revents != 0) break;
    for (std::size_t i = 0; i < 2; ++i) {
      if (fds[i].fd < 0 || fds[i].revents == 0) continue;
      const auto got = ::read(fds[i].fd, piece.data(), piece.size());
      if (got <= 0) fds[i].fd = -1;
      const std::lock_guard lock(mutex_);
      if (got > 0) (i == 0 ? output_ : errors_).append(piece.data(), static_cast<std::size_t>(got));
      changed_.notify_all();
    }
  }
  ::close(out_fd);
  ::close(error_fd);
  const std::lock_guard lock(mutex_);
  is_silent_ = true;
  changed_.notify_all();
}

std::string ChildProcess::output() const {
  const std::lock_guard lock(mutex_);
  return output_;
}

std::string ChildProcess::errors() const {
  const std::lock_guard lock(mutex_);
  return errors_;
}

bool ChildProcess::says(std::string_view text, std::chrono::milliseconds patience, std::size_t from) const {
  std::unique_lock lock(mutex_);
  const auto is_said = [&] { return output_.find(text, from) != std::string::npos; };
  changed_.wait_for(lock, patience, [&] { return is_silent_ || is_said(); });
  return is_said();
}

void ChildProcess::signal(int number) const {
  ::kill(id_, number);
}

std::optional<int> ChildProcess::wait(std::chrono::milliseconds patience) {
  using std::chrono::steady_clock;
  const auto until = steady_clock::now() + patience;
  while (!exit_code_) {
    int status = 0;
    if (::waitpid(id_, &status, WNOHANG) == id_) {
      exit_code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    } else if (steady_clock::now() >= until) {
      return std::nullopt;
    } else {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  }
  std::unique_lock lock(mutex_);
  changed_.wait_until(lock, until, [&] { return is_silent_; });
  return exit_code_;
}

long ChildProcess::memory_kib(std::string_view name) const {
  std::ifstream file("/proc/" + std::to_string(id_) + "/status");
  for (std::string line; std::getline(file, line);)
    if (line.starts_with(name) && line.substr(name.size()).starts_with(':'))
      return std::strtol(line.c_str() + name.size() + 1, nullptr, 10);
  return 0;
}

std::chrono::milliseconds ChildProcess::processor_time() const {
  std::ifstream file("/proc/" + std::to_string(id_) + "/stat");
  std::string text;
  std::getline(file, text, ')');  // the program's name may hold blanks
  for (int i = 0; i < 11; ++i)
    file >> text;
  long user = 0, system = 0;
  file >> user >> system;
  return std::chrono::milliseconds((user + system) * 1000 / ::sysconf(_SC_CLK_TCK));
}

std::optional<long> ChildProcess::descriptors() const {
  std::error_code error;
  long count = 0;
  for (std::filesystem::directory_iterator entry("/proc/" + std::to_string(id_) + "/fd", error), end;
       !error && entry != end; entry.increment(error))
    ++count;
  return error ? std::nullopt : std::optional(count);
}
