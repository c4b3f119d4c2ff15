#include <atomic>
#include <csignal>
#include <filesystem>
#include <future>
#include <stdexcept>
#include <thread>

#include "support/routing_world.h"
#include "support/sanitized.h"
#include "waiting_transport.h"

using namespace airouter;
using namespace airouter::testing;
using namespace std::chrono_literals;

namespace {

long threads_of_this_process() {
  std::thread([] {}).join();  // a sanitizer makes its own thread along with the first one
  const std::filesystem::directory_iterator tasks("/proc/self/task");
  return std::distance(begin(tasks), end(tasks));
}

// A router whose providers never answer, on the real clock, and how its calls ended.
struct SilentWorld {
  explicit SilentWorld(int threads_max = 256) {
    RoutingWorld world(1);
    RouterOptions options;
    options.transport = transport;
    options.start_threads_max = threads_max;
    router.emplace(Router::create(world.config, options).value());
  }

  StreamCallbacks callbacks() {
    StreamCallbacks callbacks;
    callbacks.on_done = [this](const Error* error, const CallSummary&) {
      (error != nullptr && error->code == ErrorCode::cancelled ? cancelled : otherwise)++;
    };
    return callbacks;
  }

  CallHandle start() { return router->start(RoutingWorld::request(true), callbacks()).value(); }

  // False: not within ten seconds.
  bool wait_until_waiting(int count) const {
    for (int i = 0; i < 10'000 && transport->waiting() != count; ++i)
      std::this_thread::sleep_for(1ms);
    return transport->waiting() == count;
  }

  std::shared_ptr<WaitingTransport> transport = std::make_shared<WaitingTransport>();
  std::atomic<int> cancelled{0}, otherwise{0};
  std::optional<Router> router{};
};

}  // namespace

TEST_CASE("a started call runs on a thread of the router's and tells how it ended", "[start]") {
  RoutingWorld world(2);
  world.transport->add("a.test", answer(500, "{}"));
  world.transport->add("b.test", stream({"Hel", "lo"}));
  const long threads_before = threads_of_this_process();
  Router& router = world.router();
  REQUIRE(router.call(RoutingWorld::request(true)));
  CHECK(threads_of_this_process() == threads_before);

  std::string told;
  std::thread::id thread;
  StreamCallbacks callbacks = text_callbacks([&](std::string_view text) {
    told += text;
    return Flow::proceed;
  });
  callbacks.on_head = [&](const CallHead& head) {
    told += head.provider + ": ";
    return Flow::proceed;
  };
  callbacks.on_done = [&](const Error* error, const CallSummary& summary) {
    thread = std::this_thread::get_id();
    told += error == nullptr ? "|whole|" + std::to_string(summary.attempts.size()) : "|" + error->message;
  };
  const auto handle = router.start(RoutingWorld::request(true), callbacks);
  REQUIRE(handle);
  CHECK(handle->wait());
  CHECK(handle->is_done());
  CHECK(told == "b: Hello|whole|1");
  CHECK(thread != std::this_thread::get_id());
  CHECK(threads_of_this_process() == threads_before + 1);
}

TEST_CASE("threads of started calls are used again, and block all signals", "[start]") {
  RoutingWorld world(1);
  world.transport->add("a.test", stream({"Hello"}));
  const long threads_before = threads_of_this_process();
  for (int i = 0; i < 20; ++i) {
    bool is_blocked = false;
    StreamCallbacks callbacks;
    callbacks.on_done = [&](const Error*, const CallSummary&) {
      sigset_t mask;
      ::pthread_sigmask(SIG_BLOCK, nullptr, &mask);
      is_blocked = sigismember(&mask, SIGINT) == 1 && sigismember(&mask, SIGCHLD) == 1;
    };
    REQUIRE(world.router().start(RoutingWorld::request(true), callbacks).value().wait());
    CHECK(is_blocked);
  }
  // A thread that has just ended a call may not wait for the next one yet.
  CHECK(threads_of_this_process() <= threads_before + 4);
  sigset_t mine;
  ::pthread_sigmask(SIG_BLOCK, nullptr, &mine);
  CHECK(sigismember(&mine, SIGINT) == 0);
}

TEST_CASE("a started call is cancelled through its handle", "[start]") {
  SilentWorld world;
  CallHandle handle = world.start();
  CHECK_FALSE(handle.wait_for(10ms));
  CHECK_FALSE(handle.wait_for(std::chrono::milliseconds::min()));
  CHECK_FALSE(handle.is_done());
  handle.cancel();
  CHECK(handle.wait_for(10s));
  CHECK(world.cancelled == 1);
  handle.cancel();
  CallHandle copy = handle;
  CHECK(copy.wait());
  CallHandle taken = std::move(handle);
  CHECK(handle.wait());  // NOLINT(bugprone-use-after-move): what it stands for is documented
  CHECK(taken.is_done());
}

TEST_CASE("at the bound of threads a start is refused and no callback is called", "[start]") {
  SilentWorld world(2);
  CallHandle first = world.start();
  const CallHandle second = world.start();
  const auto third = world.router->start(RoutingWorld::request(true), world.callbacks());
  REQUIRE_FALSE(third);
  CHECK(third.error().code == ErrorCode::overloaded);
  CHECK(third.error().retry_after == 1s);
  first.cancel();
  CHECK(first.wait());
  // The thread is free a moment after its call is over.
  Result<CallHandle> fourth = Error{};
  for (int i = 0; i < 10'000 && !fourth; ++i) {
    fourth = world.router->start(RoutingWorld::request(true), world.callbacks());
    if (!fourth) std::this_thread::sleep_for(1ms);
  }
  CHECK(fourth);
  world.router.reset();
  CHECK(world.cancelled == 3);
  CHECK(world.otherwise == 0);
}

TEST_CASE("a started call takes no interrupt of the caller's", "[start]") {
  SilentWorld world;
  Interrupt interrupt;
  const auto refused =
      world.router->start(RoutingWorld::request(), world.callbacks(), {.interrupt = &interrupt});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == ErrorCode::invalid_request);
  CHECK(world.cancelled + world.otherwise == 0);
}

TEST_CASE("destroying a router with calls in flight cancels and joins them within 100 ms", "[start]") {
  SilentWorld world;
  const long threads_before = threads_of_this_process();
  std::vector<CallHandle> handles;
  for (int i = 0; i < 50; ++i)
    handles.push_back(world.start());
  REQUIRE(world.wait_until_waiting(50));
  const auto begin = std::chrono::steady_clock::now();
  world.router.reset();
  const auto took = std::chrono::steady_clock::now() - begin;
  CHECK(world.cancelled == 50);
  CHECK(threads_of_this_process() == threads_before);
  for (const CallHandle& handle : handles)
    CHECK(handle.is_done());
  if (!is_sanitized) CHECK(took < 100ms);
}

TEST_CASE("moving another router in ends the calls of the one before", "[start]") {
  SilentWorld world;
  SilentWorld other;
  world.start();
  *world.router = std::move(*other.router);
  CHECK(world.cancelled == 1);
  other.router.reset();
}

TEST_CASE("a callback that throws ends its call with an error that says so", "[start]") {
  RoutingWorld world(1);
  world.transport->add("a.test", stream({"Hel", "lo"}));
  std::string told;
  StreamCallbacks callbacks;
  callbacks.on_done = [&](const Error* error, const CallSummary& summary) {
    told += error == nullptr ? "whole" : error->message;
    told += " after " + to_text(summary);
    throw std::runtime_error("at the end");
  };
  std::string wanted = "a callback threw an exception after try a/gpt-4 -> cancelled";
  SECTION("on the head") {
    callbacks.on_head = [](const CallHead&) -> Flow { throw std::runtime_error("on the head"); };
  }
  SECTION("on data") {
    callbacks.on_data = [](std::string_view) -> Flow { throw 42; };
  }
  SECTION("at the end only") {
    wanted = "whole after try a/gpt-4 -> 200";
  }
  world.router().stream(RoutingWorld::request(true), callbacks);
  CHECK(told == wanted);
  told.clear();
  CHECK(world.router().start(RoutingWorld::request(true), callbacks).value().wait());
  CHECK(told == wanted);
}

TEST_CASE("a transport that throws ends its call with an error that says so", "[start]") {
  struct Throwing : Transport {
    std::unique_ptr<Exchange> open(const HttpRequest&) override {
      if (is_memory) throw std::bad_alloc();
      throw std::runtime_error("of the program's own");
    }
    bool is_memory = false;
  };
  const auto transport = std::make_shared<Throwing>();
  transport->is_memory = GENERATE(true, false);
  RouterOptions options;
  options.transport = transport;
  Router router = Router::create(RoutingWorld(1).config, options).value();
  std::string told;
  StreamCallbacks callbacks;
  callbacks.on_done = [&](const Error* error, const CallSummary&) { told = error->message; };
  router.stream(RoutingWorld::request(true), callbacks);
  CHECK(told == (transport->is_memory ? "memory ran out here; try again in a moment"
                                      : "a transport or a clock threw an exception"));
}

TEST_CASE("a callback may use the router and its own handle", "[start]") {
  RoutingWorld world(1);
  world.transport->add("a.test", stream({"Hello"}));
  Router& router = world.router();
  std::promise<CallHandle> promised;
  std::shared_future<CallHandle> own = promised.get_future().share();
  std::string told;
  StreamCallbacks callbacks;
  callbacks.on_head = [&](const CallHead&) {
    told += router.call(RoutingWorld::request(true)) ? "called " : "not called ";
    told += router.reload(world.config) ? "reloaded " : "not reloaded ";
    told += router.start(RoutingWorld::request(true), {}).value().wait() ? "started " : "not started ";
    told += own.get().wait() ? "waited" : "would wait for itself";
    return Flow::proceed;
  };
  auto handle = router.start(RoutingWorld::request(true), callbacks);
  REQUIRE(handle);
  promised.set_value(*handle);
  CHECK(handle->wait());
  CHECK(told == "called reloaded started would wait for itself");
}

TEST_CASE("a callback may destroy its own router", "[start]") {
  RoutingWorld world(1);
  world.transport->add("a.test", stream({"Hel", "lo"}));
  RouterOptions options{.transport = world.transport, .clock = world.clock, .seed = 7};
  std::string text;
  const long threads_before = threads_of_this_process();
  auto router = std::make_shared<Router>(Router::create(world.config, options).value());
  StreamCallbacks callbacks = text_callbacks([&](std::string_view piece) {
    text += piece;
    return Flow::proceed;
  });
  callbacks.on_head = [&router](const CallHead&) {
    router.reset();
    return Flow::proceed;
  };
  SECTION("on a thread of the router's: the call is cancelled and not waited for") {
    CHECK(router->start(RoutingWorld::request(true), callbacks).value().wait());
    CHECK(text.size() < 5);
  }
  SECTION("on its own thread: the call goes on") {
    router->stream(RoutingWorld::request(true), callbacks);
    CHECK(text == "Hello");
  }
  CHECK(router == nullptr);
  // The thread that was not waited for ends by itself.
  for (int i = 0; i < 10'000 && threads_of_this_process() > threads_before; ++i)
    std::this_thread::sleep_for(1ms);
  CHECK(threads_of_this_process() == threads_before);
}

TEST_CASE("callbacks hear of waiting, and an idle tick without measure does no harm", "[start]") {
  RoutingWorld world(1);
  world.transport->add("a.test", stream({"Hello"}, 3s));
  int ticks = 0;
  StreamCallbacks callbacks;
  callbacks.on_idle = [&] { return ++ticks, Flow::proceed; };
  SECTION("the default: a second") {
    world.router().stream(RoutingWorld::request(true), callbacks);
    CHECK(ticks == 2);
  }
  SECTION("for ever") {
    callbacks.idle_tick = std::chrono::milliseconds::max();
    world.router().stream(RoutingWorld::request(true), callbacks);
    CHECK(ticks == 0);
  }
  SECTION("none") {
    callbacks.idle_tick = -5ms;
    world.router().stream(RoutingWorld::request(true), callbacks);
    CHECK(ticks > 1000);
  }
}

TEST_CASE("64 threads make 1 000 calls each on one router, while it is reloaded and asked", "[start]") {
  RoutingWorld world(3);
  world.transport->add("a.test", answer(429, "{}", {{"retry-after", "1"}}));
  world.transport->add("b.test", completion("Hello"));
  world.transport->add("c.test", completion("Hello"));
  Router& router = world.router();
  std::atomic<int> answered{0};
  std::atomic<bool> is_over{false};
  std::thread meddler([&] {
    while (!is_over) {
      static_cast<void>(router.reload(world.config));
      router.reset_health("a");
      world.clock->advance(1s);
      static_cast<void>(router.explain("gpt-4"));
      static_cast<void>(router.health());
      std::this_thread::yield();
    }
  });
  std::vector<std::thread> callers;
  for (int i = 0; i < 64; ++i)
    callers.emplace_back([&, i] {
      for (int j = 0; j < 1'000; ++j) {
        if (i % 8 != 0) {
          if (router.call(RoutingWorld::request())) ++answered;
          continue;
        }
        StreamCallbacks callbacks;
        callbacks.on_done = [&](const Error* error, const CallSummary&) {
          if (error == nullptr) ++answered;
        };
        router.start(RoutingWorld::request(), std::move(callbacks)).value().wait();
      }
    });
  for (std::thread& caller : callers)
    caller.join();
  is_over = true;
  meddler.join();
  CHECK(answered == 64'000);
}
