// A program that the library is a guest in: no thread before the first start, nothing printed, no signal
// handler touched, no SIGPIPE, a fork before first use, and two routers that do not know each other. Run by
// binding_world.
#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <airouter/airouter.h>

namespace {

constexpr int signals = 64;
int failures = 0;
int complaints = 2;  // where standard error was before the library might have written to it

#define CHECK(condition) check(static_cast<bool>(condition), #condition, __LINE__)

void check(bool holds, const char* what, int line) {
  if (holds) return;
  ++failures;
  dprintf(complaints, "host_test.cpp:%d: %s\n", line, what);
}

long threads() {
  const std::filesystem::directory_iterator tasks("/proc/self/task");
  return std::distance(begin(tasks), end(tasks));
}

using Handlers = std::array<void (*)(int), signals + 1>;

Handlers handlers() {
  Handlers all{};
  for (int number = 1; number <= signals; ++number) {
    struct sigaction action {};
    if (::sigaction(number, nullptr, &action) == 0) all[static_cast<std::size_t>(number)] = action.sa_handler;
  }
  return all;
}

airouter::Router make_router() {
  return airouter::Router::create(airouter::load_config(std::getenv("AIROUTER_TEST_CONFIG")).value()).value();
}

airouter::ChatRequest request(const std::string& model, std::size_t bytes = 1) {
  return airouter::ChatRequest::parse(R"({"model":")" + model +
                                      R"(","messages":[{"role":"user","content":")" +
                                      std::string(bytes, 'x') + R"("}]})")
      .value();
}

void test_fork() {
  airouter::Router router = make_router();
  const pid_t child = ::fork();
  const bool is_answered = static_cast<bool>(router.call(request("failover")));
  if (child == 0) ::_exit(is_answered ? 0 : 1);
  int status = 0;
  CHECK(is_answered);
  CHECK(::waitpid(child, &status, 0) == child && status == 0);
}

void test_threads() {
  const long before = threads();
  airouter::Router router = make_router();
  CHECK(router.call(request("failover")));
  CHECK(threads() == before);
  const airouter::CallHandle hanging = router.start(request("hang"), {}).value();
  CHECK(threads() == before + 1);
  CHECK(!hanging.wait_for(std::chrono::milliseconds(50)));
  { const airouter::Router gone = std::move(router); }
  CHECK(hanging.is_done());
  CHECK(threads() == before);
}

// The provider hangs up while a request that fills every buffer is still on its way.
void test_broken_pipe() {
  airouter::Router router = make_router();
  for (int i = 0; i < 5; ++i) {
    const auto response = router.call(request("rude", std::size_t{8} * 1024 * 1024));
    CHECK(!response);
    router.reset_health("rude-1");
  }
}

void test_two_routers() {
  airouter::Router one = make_router(), other = make_router();
  CHECK(!one.call(request("down")));
  CHECK(one.explain("down").candidates.empty());
  CHECK(other.explain("down").candidates.size() == 1);
  CHECK(other.reload({}));
  CHECK(!one.models().empty() && other.models().empty());
}

}  // namespace

int main() {
  const std::string output =
      std::filesystem::temp_directory_path() / ("airouter-host-" + std::to_string(::getpid()));
  complaints = ::dup(2);
  if (std::freopen(output.c_str(), "w", stdout) == nullptr || ::dup2(::fileno(stdout), 2) < 0) return 1;
  std::signal(SIGPIPE, SIG_DFL);
  const Handlers before = handlers();

  test_fork();
  test_threads();
  test_broken_pipe();
  test_two_routers();

  CHECK(handlers() == before);
  std::fflush(stdout);
  struct stat written {};
  CHECK(::stat(output.c_str(), &written) == 0 && written.st_size == 0);
  std::filesystem::remove(output);
  return failures != 0;
}
