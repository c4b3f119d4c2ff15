#pragma once

#include <memory>
#include <string>
#include <vector>

#include <airouter/router.h>
#include <airouter/testing.h>

#include "support/catch.h"

// A router over scripted providers and a clock that stands still: what most tests of routing begin with.
struct RoutingWorld {
  // Providers "a", "b", "c" … at https://a.test/v1, all serving "gpt-4", with falling weights so that the
  // first pick is almost surely "a", then "b".
  explicit RoutingWorld(int providers = 3) {
    for (int i = 0; i < providers; ++i) {
      airouter::Provider provider;
      provider.name = std::string(1, static_cast<char>('a' + i));
      provider.base_url = "https://" + provider.name + ".test/v1";
      provider.api_key = airouter::Secret("sk-secret-of-" + provider.name);
      provider.weight = i == 0 ? 1'000'000 : i == 1 ? 1'000 : 1;
      provider.supported_models = {"gpt-4"};
      config.providers.push_back(provider);
    }
  }

  // Built when first used, so that a test can change `config` before.
  airouter::Router& router() {
    if (!router_) {
      airouter::RouterOptions options;
      options.clock = clock;
      options.transport = transport;
      options.observer = observer;
      options.seed = 7;
      auto created = airouter::Router::create(config, options);
      if (!created) FAIL(created.error().message);
      router_ = std::make_unique<airouter::Router>(std::move(*created));
    }
    return *router_;
  }

  static airouter::ChatRequest request(bool stream = false, const std::string& model = "gpt-4") {
    auto parsed = airouter::ChatRequest::parse(R"({"model":")" + model +
                                               R"(","messages":[{"role":"user","content":"Hi"}])" +
                                               (stream ? R"(,"stream":true})" : "}"));
    if (!parsed) FAIL(parsed.error().message);
    return std::move(parsed).value();
  }

  // Pulls a call to its end and writes down what came, e.g. "committed b; data: …; end".
  struct Outcome {
    std::string events{};   // "committed b, end" or "committed a, failed"
    std::string data{};     // all of it
    std::string summary{};  // airouter::testing::to_text
    airouter::Error error{};
    airouter::CallHead head{};
  };
  Outcome run(bool stream = false, const std::string& model = "gpt-4", airouter::CallOptions options = {}) {
    airouter::Call call = router().open(request(stream, model), options);
    return drain(call);
  }

  Outcome drain(airouter::Call& call) {
    using Event = airouter::Call::Event;
    Outcome outcome;
    for (;;) {
      const Event event = call.next(clock->now() + std::chrono::hours(2));
      outcome.summary = airouter::testing::to_text(call.summary());
      if (event == Event::committed) {
        outcome.head = call.head();
        outcome.events += "committed " + call.head().provider + ", ";
      } else if (event == Event::data) {
        outcome.data += call.data();
      } else if (event == Event::failed) {
        outcome.error = call.error();
        outcome.events += "failed";
        return outcome;
      } else if (event == Event::end) {
        outcome.events += "end";
        return outcome;
      }
    }
  }

  airouter::Config config{};
  std::shared_ptr<airouter::testing::FakeClock> clock = std::make_shared<airouter::testing::FakeClock>();
  std::shared_ptr<airouter::testing::ScriptedTransport> transport =
      std::make_shared<airouter::testing::ScriptedTransport>(clock);
  std::shared_ptr<airouter::testing::RecordingObserver> observer =
      std::make_shared<airouter::testing::RecordingObserver>();

 private:
  std::unique_ptr<airouter::Router> router_{};
};
