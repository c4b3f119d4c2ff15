// The code that docs/embedding.md shows, run on the fakes. A region begins with its name in brackets.
#include <chrono>
#include <cstdio>
#include <thread>

#include <airouter/airouter.h>
#include <airouter/testing.h>

#include "support/catch.h"

namespace {

// One provider at site-a.example, and one at site-b.example that is asked second.
airouter::Config two_sites() {
  // [config]
  airouter::Provider site_a;
  site_a.name = "Site_A";
  site_a.base_url = "https://api.site-a.example/v1";
  site_a.api_key = airouter::Secret("sk-your-key");
  site_a.weight = 10;
  site_a.supported_models = {"gpt-4", "gpt-3.5-*"};

  airouter::Config config;
  config.providers.push_back(site_a);
  config.model_map.push_back({"smart", {"gpt-4", "gpt-4-turbo"}});
  config.timeouts.first_output = std::chrono::seconds(30);
  // [end]
  airouter::Provider site_b = site_a;
  site_b.name = "Site_B";
  site_b.base_url = "https://api.site-b.example/v1";
  site_b.weight = 1;
  config.providers[0].weight = 1'000'000;
  config.providers.push_back(site_b);
  return config;
}

struct Fakes {
  std::shared_ptr<airouter::testing::FakeClock> clock = std::make_shared<airouter::testing::FakeClock>();
  std::shared_ptr<airouter::testing::ScriptedTransport> transport =
      std::make_shared<airouter::testing::ScriptedTransport>(clock);
  airouter::RouterOptions options() const { return {.transport = transport, .clock = clock, .seed = 7}; }
  airouter::Router router() const { return airouter::Router::create(two_sites(), options()).value(); }
};

airouter::ChatRequest question(bool stream) {
  return airouter::ChatRequest::parse(
             std::string(R"({"model":"smart","messages":[{"role":"user","content":"Hi"}],"stream":)") +
             (stream ? "true}" : "false}"))
      .value();
}

// [observer]
class Printer final : public airouter::Observer {
 public:
  void on_attempt(const airouter::CallSummary& call, const airouter::Attempt& attempt) noexcept override {
    std::printf("call %llu: %s %s\n", static_cast<unsigned long long>(call.id), attempt.provider.c_str(),
                std::string(airouter::to_string(attempt.failure)).c_str());
  }
  void on_health(const airouter::HealthEvent& event) noexcept override {
    std::printf("%s is %s\n", event.provider.c_str(), std::string(airouter::to_string(event.to)).c_str());
  }
};
// [end]

}  // namespace

TEST_CASE("docs: a router is made from a config, and says what is wrong with one", "[docs]") {
  airouter::Config config = two_sites();
  config.providers[0].weight = 0;
  const airouter::RouterOptions options = Fakes().options();
  std::string complaint;
  const auto use = [&]() -> int {
    // [create]
    auto router = airouter::Router::create(std::move(config), options);
    if (!router) {
      complaint = router.error().message;  // every problem, a line each
      return 1;
    }
    // [end]
    return 0;
  };
  CHECK(use() == 1);
  CHECK(complaint.find("/providers/0/weight") != std::string::npos);
}

TEST_CASE("docs: a call gives a whole answer or an error", "[docs]") {
  Fakes fakes;
  fakes.transport->add("api.site-a.example", airouter::testing::answer(429, "{}"));
  fakes.transport->add("api.site-b.example", airouter::testing::completion("Hello"));
  airouter::Router router = fakes.router();
  std::string json = R"({"model":"smart","messages":[{"role":"user","content":"Hi"}]})";
  const auto ask = [&]() -> int {
    // [call]
    auto request = airouter::ChatRequest::parse(std::move(json));
    if (!request) return 1;  // request.error().message names the problem
    auto response = router.call(*std::move(request));
    if (!response) {
      std::fprintf(stderr, "%s\n", response.error().message.c_str());
      return airouter::http_status_of(response.error());
    }
    std::printf("%s says %s\n", response->head.provider.c_str(), response->body.c_str());
    // [end]
    return response->head.attempts;
  };
  CHECK(ask() == 2);
}

TEST_CASE("docs: a streamed call hands on whole events", "[docs]") {
  Fakes fakes;
  fakes.transport->add("api.site-a.example", airouter::testing::stream({"Hel", "lo"}));
  airouter::Router router = fakes.router();
  std::string text;
  airouter::ChatRequest request = question(true);
  bool is_whole = false;
  // [stream]
  airouter::StreamCallbacks callbacks;
  callbacks.on_data = [&](std::string_view events) {
    text += events;
    return airouter::Flow::proceed;
  };
  callbacks.on_done = [&](const airouter::Error* error, const airouter::CallSummary&) {
    is_whole = error == nullptr;
  };
  router.stream(std::move(request), callbacks);
  // [end]
  CHECK(is_whole);
  CHECK(text.find("data: [DONE]") != std::string::npos);
}

TEST_CASE("docs: a pulled call can be left and taken up again", "[docs]") {
  Fakes fakes;
  fakes.transport->add("api.site-a.example", airouter::testing::failure(airouter::TransferFailure::connect));
  fakes.transport->add("api.site-b.example",
                       airouter::testing::stream({"Hel", "lo"}, std::chrono::milliseconds(900)));
  airouter::Router router = fakes.router();
  const auto clock = fakes.clock;
  std::string written, status;
  int idle_count = 0;
  const auto write = [&](std::string_view events) { written += events; };
  const auto show_waiting = [&] { ++idle_count; };
  airouter::ChatRequest request = question(true);
  const auto run = [&] {
    // [pull]
    airouter::Call call = router.open(std::move(request));
    for (;;) {
      switch (call.next(clock->now() + std::chrono::milliseconds(500))) {
        case airouter::Call::Event::committed:
          status = "answered by " + call.head().provider;
          break;
        case airouter::Call::Event::data:
          write(call.data());
          break;
        case airouter::Call::Event::idle:
          show_waiting();
          break;
        case airouter::Call::Event::end:
          return true;
        case airouter::Call::Event::failed:
          status = call.error().message;
          return false;
      }
    }
    // [end]
  };
  CHECK(run());
  CHECK(status == "answered by Site_B");
  CHECK(idle_count > 0);
  CHECK(written.find("[DONE]") != std::string::npos);
}

TEST_CASE("docs: an interrupt ends a call", "[docs]") {
  Fakes fakes;
  fakes.transport->add("api.site-a.example", airouter::testing::Script().hang());
  airouter::Router router = fakes.router();
  airouter::ChatRequest request = question(false);
  // [interrupt]
  airouter::Interrupt interrupt;
  std::thread other([&] { interrupt.trigger(); });
  auto response = router.call(std::move(request), {.interrupt = &interrupt});
  other.join();
  // [end]
  // The clock of the fakes may run ahead of the other thread: then the providers' time is over first.
  REQUIRE_FALSE(response);
  const airouter::ErrorCode code = response.error().code;
  CHECK((code == airouter::ErrorCode::cancelled || code == airouter::ErrorCode::all_providers_failed));
}

TEST_CASE("docs: an observer is told of attempts and health", "[docs]") {
  Fakes fakes;
  fakes.transport->add("api.site-b.example", airouter::testing::completion("Hello"));
  airouter::Config config = two_sites();
  airouter::RouterOptions fake_seams = fakes.options();
  // [watch]
  airouter::RouterOptions options;
  options.observer = std::make_shared<Printer>();
  // [end]
  fake_seams.observer = options.observer;
  airouter::Router router = airouter::Router::create(config, fake_seams).value();
  CHECK(router.call(question(false)).value().head.attempts == 2);
}

TEST_CASE("docs: a router explains, tells its health, and takes a new config", "[docs]") {
  Fakes fakes;
  fakes.transport->add("api.site-b.example", airouter::testing::completion("Hello"));
  airouter::Router router = fakes.router();
  REQUIRE(router.call(question(false)));
  std::string lines;
  const auto print = [&](const std::string& line) { lines += line + "\n"; };
  // [explain]
  const airouter::Plan plan = router.explain("smart");
  for (const airouter::Candidate& candidate : plan.candidates)
    print(candidate.provider + " as " + candidate.model);
  for (const airouter::Skipped& skipped : plan.skipped)
    print(skipped.provider + ": " + std::string(airouter::to_string(skipped.reason)));
  // [end]
  CHECK(lines == "Site_B as gpt-4\nSite_A: cooling\n");
  lines.clear();
  // [health]
  for (const airouter::HealthReport& report : router.health())
    if (report.state != airouter::HealthState::healthy) router.reset_health(report.provider, report.model);
  // [end]
  CHECK(router.explain("smart").skipped.empty());
  airouter::Config edited = two_sites();
  edited.providers.pop_back();
  // [reload]
  if (auto reloaded = router.reload(std::move(edited)); !reloaded) print(reloaded.error().message);
  // [end]
  CHECK(lines.empty());
  CHECK(router.explain("smart").candidates.size() == 1);
}

TEST_CASE("docs: the fakes stand in for providers and time", "[docs]") {
  airouter::Config config = two_sites();
  // [testing]
  auto clock = std::make_shared<airouter::testing::FakeClock>();
  auto transport = std::make_shared<airouter::testing::ScriptedTransport>(clock);
  transport->add("api.site-a.example", airouter::testing::answer(500, R"({"error":{"message":"Oops"}})"));
  transport->add("api.site-b.example", airouter::testing::completion("Hello"));

  airouter::RouterOptions options;
  options.clock = clock;
  options.transport = transport;
  options.seed = 7;  // the same picks each time
  auto router = airouter::Router::create(config, options).value();
  auto request = airouter::ChatRequest::parse(R"({"model":"gpt-4","messages":[]})").value();
  auto response = router.call(std::move(request)).value();
  CHECK(airouter::testing::to_text(response.summary) ==
        "try Site_A/gpt-4 -> 500, model cooling 5 min; try Site_B/gpt-4 -> 200");
  // [end]
}
