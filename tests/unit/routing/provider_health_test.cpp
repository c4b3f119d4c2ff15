#include "routing/provider_health.h"

#include <thread>

#include "base/limits.h"
#include "support/catch.h"

using namespace airouter;
using namespace std::chrono_literals;
using routing::ModelChoice;
using routing::ProviderHealth;
using routing::Scope;
using routing::Verdict;

namespace {

constexpr TimePoint start{1000s};
const std::vector<ModelChoice> both{{"gpt-4"}, {"gpt-4-turbo"}};
const Verdict model_limited{Scope::model, {FailureKind::rate_limited, 60s}};
const Verdict provider_down{Scope::provider, {FailureKind::network, 60s}};
const Verdict model_missing{Scope::model, {FailureKind::model_not_found, std::nullopt}};

std::shared_ptr<ProviderHealth> fresh() {
  auto health = std::make_shared<ProviderHealth>("site");
  health->set_wildcards_max(limits::wildcard_models_max);
  return health;
}

void fail(ProviderHealth& health, const ModelChoice& model, const Verdict& verdict, TimePoint now = start) {
  auto pass = health.enter(model, now, false);
  REQUIRE(pass);
  pass->fail(verdict, now);
}

}  // namespace

TEST_CASE("the first model whose own health allows it is taken", "[health]") {
  const auto health = fresh();
  CHECK(health->look(both, start).model == 0);
  fail(*health, both[0], model_limited);
  const auto look = health->look(both, start);
  CHECK(look.is_usable);
  CHECK(look.model == 1);
}

TEST_CASE("a provider is in the way of all of its models", "[health]") {
  const auto health = fresh();
  fail(*health, both[0], provider_down);
  const auto look = health->look(both, start);
  CHECK_FALSE(look.is_usable);
  CHECK_FALSE(look.is_model_level);
  CHECK(look.reason == SkipReason::cooling);
  CHECK(look.until == start + 60s);
}

TEST_CASE("with every model out, the one that is back first decides", "[health]") {
  const auto health = fresh();
  fail(*health, both[0], {Scope::model, {FailureKind::server_error, 300s}});
  fail(*health, both[1], model_limited);
  auto look = health->look(both, start);
  CHECK(look.model == 1);
  CHECK(look.until == start + 60s);
  CHECK(look.cause == FailureKind::rate_limited);
  fail(*health, {"other"}, model_missing);
  CHECK(health->look(std::vector<ModelChoice>{{"other"}}, start).reason == SkipReason::disabled);
}

TEST_CASE("exactly one probe is let through, however many ask", "[health]") {
  const auto health = fresh();
  fail(*health, both[0], provider_down);
  std::atomic<int> let_in{0};
  std::vector<std::thread> threads;
  std::mutex mutex;
  std::vector<routing::Pass> passes;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      if (auto pass = health->enter(both[0], start + 60s, false)) {
        ++let_in;
        const std::scoped_lock lock(mutex);
        passes.push_back(*std::move(pass));
      }
    });
  }
  for (std::thread& thread : threads)
    thread.join();
  CHECK(let_in == 1);
  CHECK(health->look(both, start + 60s).reason == SkipReason::probing);
  passes.clear();  // a probe without a verdict frees its slot
  CHECK(health->look(both, start + 60s).is_usable);
}

TEST_CASE("a failure that is the model's alone shows that the provider is back", "[health]") {
  const auto health = fresh();
  fail(*health, both[0], provider_down);
  auto probe = health->enter(both[0], start + 60s, false);
  REQUIRE(probe);
  const auto settlement = probe->fail(model_limited, start + 60s);
  CHECK(settlement.events.size() == 2);
  CHECK(settlement.scope == Scope::model);
  CHECK(settlement.left == 60s);
  CHECK(health->look(std::vector<ModelChoice>{{"gpt-4-turbo"}}, start + 60s).is_usable);
  CHECK_FALSE(health->look(std::vector<ModelChoice>{{"gpt-4"}}, start + 60s).is_usable);
}

TEST_CASE("a request at fault leaves its model's probe to the next one", "[health]") {
  const auto health = fresh();
  fail(*health, both[0], model_limited);
  auto probe = health->enter(both[0], start + 60s, false);
  REQUIRE(probe->is_probe());
  probe->fail({Scope::nothing, {FailureKind::request_rejected, 0ms}}, start + 60s);
  probe = health->enter(both[0], start + 60s, false);
  REQUIRE(probe);
  CHECK(probe->is_probe());
}

TEST_CASE("a reset closes one model, or everything", "[health]") {
  const auto health = fresh();
  fail(*health, both[0], model_missing);
  fail(*health, both[1], model_limited);
  health->reset("gpt-4", start);
  CHECK(health->look(both, start).model == 0);
  CHECK(health->report(start).size() == 2);
  fail(*health, both[0], provider_down);
  CHECK(health->reset({}, start).size() == 2);
  CHECK(health->report(start).size() == 1);
}

TEST_CASE("models that only a star admits cool for a time, never for good", "[health]") {
  const auto health = fresh();
  const ModelChoice wild{"made-up", true};
  fail(*health, wild, model_missing);
  const auto look = health->look(std::vector<ModelChoice>{wild}, start);
  CHECK(look.reason == SkipReason::cooling);
  CHECK(look.until == start + 60s);
}

TEST_CASE("client-chosen names cannot fill the memory", "[health]") {
  const auto health = fresh();
  for (int i = 0; i < 5000; ++i)
    fail(*health, {"made-up-" + std::to_string(i), true}, model_missing);
  CHECK(health->report(start).size() == 1 + limits::wildcard_models_max);
  // Those whose cooldown is over make room.
  const TimePoint later = start + 61s;
  fail(*health, {"later", true}, model_missing, later);
  CHECK(health->report(later).size() == 2);
}

TEST_CASE("what is not remembered is not claimed", "[health]") {
  const auto health = fresh();
  health->set_wildcards_max(0);
  auto pass = health->enter({"made-up", true}, start, false);
  const auto settlement = pass->fail(model_missing, start);
  CHECK(settlement.scope == Scope::nothing);
  CHECK(health->look(std::vector<ModelChoice>{{"made-up", true}}, start).is_usable);
}

TEST_CASE("a provider that answered is not held back by its model's verdict", "[health]") {
  const auto health = fresh();
  fail(*health, both[0], provider_down);
  auto probe = health->enter(both[0], start + 60s, false);
  CHECK_FALSE(health->look(both, start + 60s).is_usable);
  CHECK(probe->vouch_for_provider(start + 60s).size() == 1);
  CHECK(health->look(both, start + 60s).is_usable);
}

TEST_CASE("a broken stream is blamed on its model, and is no sign that the provider is back", "[health]") {
  const auto health = fresh();
  fail(*health, both[0], provider_down);
  const auto settlement = health->blame(both[0], {Scope::model, {FailureKind::network, 60s}}, start + 70s);
  CHECK(settlement.left == 60s);
  auto probe = health->enter(both[1], start + 70s, false);
  REQUIRE(probe);
  CHECK(probe->is_probe());
}
