// Observers that turn on what tells them.
#include <csignal>
#include <fcntl.h>
#include <optional>
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

// Lets go of the call it hears of.
class Destroyer final : public Observer {
 public:
  void on_attempt(const CallSummary& /*call*/, const Attempt& /*attempt*/) noexcept override {
    if (call != nullptr) call->reset();
  }
  void on_call_finished(const CallSummary& /*call*/, const Error* /*error*/) noexcept override { ++ended; }

  std::optional<Call>* call = nullptr;
  int ended = 0;
};

}  // namespace

TEST_CASE("an observer may destroy its own call, which ends when it comes back", "[observer]") {
  RoutingWorld world(2);
  world.transport->add("a.test", answer(500, "{}"));
  world.transport->add("b.test", completion("Hello"));
  const auto destroyer = std::make_shared<Destroyer>();
  Router router =
      Router::create(world.config,
                     {.transport = world.transport, .clock = world.clock, .observer = destroyer, .seed = 7})
          .value();
  std::optional<Call> call = router.open(RoutingWorld::request());
  destroyer->call = &call;
  while (call && call->next(TimePoint::max()) != Call::Event::end) {
  }
  CHECK(!call);
  CHECK(destroyer->ended == 1);
  CHECK(world.transport->received().size() == 1);  // b was left alone
}

TEST_CASE("what was moved from answers with an error or with nothing", "[observer]") {
  RoutingWorld world(1);
  world.transport->add("a.test", completion("Hello"));
  Call call = world.router().open(RoutingWorld::request());
  const Call taken = std::move(call);
  CHECK(call.next(TimePoint::max()) == Call::Event::failed);  // NOLINT(bugprone-use-after-move): the point
  CHECK(call.error().code == ErrorCode::invalid_request);
  CHECK((!call.is_committed() && call.data().empty() && call.head().provider.empty()));
  CHECK(call.summary().attempts.empty());
  call.cancel();

  Router router = std::move(world.router());
  Router& empty = world.router();
  CHECK(empty.models().empty());
  CHECK((empty.health().empty() && empty.explain("gpt-4").candidates.empty()));
  empty.reset_health("a", "");
  CHECK(!empty.reload(world.config));
  CHECK(empty.call(RoutingWorld::request()).error().code == ErrorCode::invalid_request);
  CHECK(empty.start(RoutingWorld::request(), {}).error().code == ErrorCode::invalid_request);
  StreamCallbacks callbacks;
  std::string told;
  callbacks.on_done = [&](const Error* error, const CallSummary&) { told = error->message; };
  empty.stream(RoutingWorld::request(), callbacks);
  CHECK(told == "this router was moved from");
}

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
