#include "first_answer.h"

#include <array>
#include <csignal>
#include <cstdio>
#include <ctime>
#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "message_reader.h"
#include "socket.h"

namespace bench {
namespace {

void sleep_us(long microseconds) {
  const timespec time{0, microseconds * 1000};
  ::nanosleep(&time, nullptr);
}

bool ask_once(const Target& target, const std::string& request, std::int64_t until) {
  const Fd fd = connect_to(target.port);
  if (!fd.is_open()) return false;
  if (::send(fd.get(), request.data(), request.size(), MSG_NOSIGNAL) < 0) return false;
  MessageReader reader;
  std::array<char, 16 * 1024> bytes;
  while (!reader.is_whole() && !reader.is_bad() && now_ns() < until) {
    pollfd waiting{fd.get(), POLLIN, 0};
    if (::poll(&waiting, 1, 100) <= 0) continue;
    const auto count = ::recv(fd.get(), bytes.data(), bytes.size(), 0);
    if (count <= 0) {
      reader.end_of_connection();
    } else {
      reader.feed({bytes.data(), static_cast<std::size_t>(count)});
    }
  }
  return reader.is_whole() && is_expected_answer(reader.status(), reader.body());
}

[[noreturn]] void become(const std::vector<std::string>& command) {
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  const int nowhere = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
  ::dup2(nowhere, STDOUT_FILENO);
  std::vector<char*> arguments;
  arguments.reserve(command.size() + 1);
  for (const std::string& argument : command)
    arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  ::execvp(arguments[0], arguments.data());
  ::_exit(127);
}

// SIGTERM, and SIGKILL where that is not enough.
void end(pid_t child) {
  constexpr long step_us = 10'000;
  ::kill(child, SIGTERM);
  for (int i = 0; i < 500; ++i) {
    if (::waitpid(child, nullptr, WNOHANG) == child) return;
    sleep_us(step_us);
  }
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
}

}  // namespace

bool wait_for_answer(const Target& target, double patience_s) {
  constexpr long pause_us = 200;
  const std::string request = request_for(target, target.model, false);
  const std::int64_t until = now_ns() + static_cast<std::int64_t>(patience_s * ns_per_s);
  while (now_ns() < until) {
    if (ask_once(target, request, until)) return true;
    sleep_us(pause_us);
  }
  std::fprintf(stderr, "bench_load: no answer on port %d in %.0f s\n", target.port, patience_s);
  return false;
}

bool measure_first_answer(const Target& target, const std::vector<std::string>& command, double patience_s) {
  if (command.empty()) return false;
  const std::int64_t before = now_ns();
  const pid_t child = ::fork();
  if (child < 0) give_up("fork");
  if (child == 0) become(command);
  const bool is_answered = wait_for_answer(target, patience_s);
  if (is_answered) print_figure("first_answer_ms", static_cast<double>(now_ns() - before) / ns_per_ms);
  end(child);
  return is_answered;
}

}  // namespace bench
