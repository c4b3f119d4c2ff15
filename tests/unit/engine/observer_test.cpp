// Observers that turn on what tells them.
#include <csignal>
#include <fcntl.h>
#include <string>
#include <sys/wait.h>
#include <unistd.h>

#include "support/catch.h"
#include "support/routing_world.h"

namespace {

using namespace airouter;
using namespace airouter::testing;

// Drives and cancels the very call it hears of, and uses the router, at every occasion.
class Meddler final : public Observer {
 public:
  void on_attempt(const CallSummary& /*call*/, const Attempt& /*attempt*/) noexcept override { meddle(); }
  void on_call_finished(const CallSummary& /*call*/, const Error* /*error*/) noexcept override { meddle(); }

  Router* router = nullptr;
  Call* call = nullptr;
  int times = 0;

 private:
  void meddle() noexcept {
    ++times;
    if (router != nullptr) router->reset_health("a", "");
    if (router != nullptr) static_cast<void>(router->explain("gpt-4"));
    if (call == nullptr) return;
    static_cast<void>(call->next(TimePoint::max()));
    call->cancel();
  }
};

// What comes of a failover, a try and the end of the call being told to the observer.
std::string run(bool in_call) {
  RoutingWorld world(2);
  world.transport->add("a.test", answer(500, "{}"));
  world.transport->add("b.test", completion("Hello"));
  const auto meddler = std::make_shared<Meddler>();
  Router router =
      Router::create(world.config,
                     {.transport = world.transport, .clock = world.clock, .observer = meddler, .seed = 7})
          .value();
  Call call = router.open(RoutingWorld::request());
  meddler->router = &router;
  if (in_call) meddler->call = &call;
  const RoutingWorld::Outcome outcome = world.drain(call);
  return outcome.events + " after " + std::to_string(meddler->times) + " occasions";
}

}  // namespace

TEST_CASE("an observer may use the router", "[observer]") {
  CHECK(run(false) == "committed b, end after 3 occasions");
}

#ifdef NDEBUG
TEST_CASE("an observer that calls back into its call changes nothing there", "[observer]") {
  CHECK(run(true) == "committed b, end after 3 occasions");
}
#else
TEST_CASE("an observer that calls back into its call is found by an assert", "[observer]") {
  const pid_t child = ::fork();
  if (child == 0) {
    std::signal(SIGABRT, SIG_DFL);
    ::dup2(::open("/dev/null", O_WRONLY | O_CLOEXEC), 2);
    static_cast<void>(run(true));
    ::_exit(0);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(WIFSIGNALED(status));
}
#endif
