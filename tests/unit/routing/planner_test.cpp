#include "routing/planner.h"

#include <chrono>

#include "support/catch.h"
#include "support/sanitized.h"

using namespace airouter;
using namespace std::chrono_literals;
using routing::HealthTable;
using routing::Planner;
using routing::RouteTable;

namespace {

constexpr TimePoint start{1000s};

Provider provider(std::string name, std::vector<std::string> models, int weight = 1) {
  Provider provider;
  provider.base_url = "https://" + name + ".test/v1";
  provider.name = std::move(name);
  provider.supported_models = std::move(models);
  provider.weight = weight;
  return provider;
}

std::string names(const RouteTable& table, std::string_view model) {
  std::string text;
  const auto candidates = table.candidates(model);
  for (const auto& candidate : *candidates) {
    text += (text.empty() ? "" : "; ") + table.config().providers[candidate.provider].name + ":";
    for (const auto& choice : candidate.models)
      text += " " + choice.name + (choice.is_wildcard ? "*" : "");
    if (candidate.is_off) text += " (off)";
  }
  return text;
}

RouteTable table_of(Config config) {
  HealthTable health;
  return {std::make_shared<const Config>(std::move(config)), health};
}

}  // namespace

TEST_CASE("a mapped name means the listed models, in order; any other means itself", "[routes]") {
  Config config;
  config.providers = {provider("a", {"gpt-4", "gpt-4-turbo"}), provider("b", {"gpt-4-turbo"}),
                      provider("c", {"claude"})};
  config.model_map = {{"best", {"gpt-4-turbo", "gpt-4", "absent"}}, {"claude", {"gpt-4"}}};
  config.providers[1].enabled = false;
  const RouteTable table = table_of(config);
  CHECK(names(table, "best") == "a: gpt-4-turbo gpt-4; b: gpt-4-turbo (off)");
  CHECK(names(table, "gpt-4") == "a: gpt-4");
  CHECK(names(table, "claude") == "a: gpt-4");
  CHECK(names(table, "absent").empty());
}

TEST_CASE("a star matches any run of characters, and each provider counts once", "[routes]") {
  Config config;
  config.providers = {provider("a", {"gpt-*", "gpt-4", "*-4"}), provider("b", {"*"})};
  config.model_map = {{"best", {"o1", "gpt-4"}}};
  const RouteTable table = table_of(config);
  CHECK(names(table, "gpt-4") == "a: gpt-4; b: gpt-4*");
  CHECK(names(table, "gpt-5") == "a: gpt-5*; b: gpt-5*");
  CHECK(names(table, "best") == "a: gpt-4; b: o1* gpt-4*");
  CHECK(table.models() == std::vector<std::string>{"best", "gpt-4"});
}

TEST_CASE("models of providers that are off or out are not listed", "[routes]") {
  Config config;
  config.providers = {provider("a", {"x", "y"}), provider("b", {"z"})};
  config.providers[1].enabled = false;
  HealthTable health;
  const RouteTable table(std::make_shared<const Config>(config), health);
  CHECK(table.models() == std::vector<std::string>{"x", "y"});
  table.health(0)
      ->enter({"x"}, start, false)
      ->fail({routing::Scope::model, {FailureKind::model_not_found, std::nullopt}}, start);
  CHECK(table.models() == std::vector<std::string>{"y"});
}

TEST_CASE("health survives a reload unless the key or the origin changes", "[routes]") {
  HealthTable health;
  Provider a = provider("a", {"x"});
  const auto before = health.of(a);
  a.weight = 7;
  a.base_url = "https://A.test:443/v1/";
  CHECK(health.of(a) == before);
  a.api_key = Secret("sk-new");
  const auto after = health.of(a);
  CHECK(after != before);
  a.base_url = "https://elsewhere.test/v1";
  CHECK(health.of(a) != after);
}

TEST_CASE("nobody is picked twice, and weights decide among those left", "[planner]") {
  Config config;
  config.providers = {provider("a", {"x"}, 2), provider("b", {"x"}, 1), provider("c", {"x"}, 1)};
  const RouteTable table = table_of(config);
  Random random(3);
  int first_a = 0, second_b_given_a = 0;
  for (int i = 0; i < 4000; ++i) {
    Planner planner(table.candidates("x"));
    const auto first = planner.pick(start, random)->candidate->provider;
    const auto second = planner.pick(start, random)->candidate->provider;
    const auto third = planner.pick(start, random)->candidate->provider;
    CHECK(first + second + third == 3);
    CHECK_FALSE(planner.pick(start, random));
    first_a += first == 0 ? 1 : 0;
    second_b_given_a += first == 0 && second == 1 ? 1 : 0;
  }
  // Five standard deviations around half.
  CHECK(std::abs(first_a - 2000) < 160);
  CHECK(std::abs(second_b_given_a - first_a / 2) < 115);
}

TEST_CASE("shares add up to one and name the model each would be asked for", "[planner]") {
  Config config;
  config.providers = {provider("a", {"x"}, 10), provider("b", {"x"}, 30), provider("c", {"x"})};
  config.providers[2].enabled = false;
  const RouteTable table = table_of(config);
  const Planner planner(table.candidates("x"));
  const auto shares = planner.shares(config, start);
  REQUIRE(shares.size() == 2);
  CHECK(shares[0].provider == "b");
  CHECK(shares[0].share == Approx(0.75));
  CHECK(shares[1].share == Approx(0.25));
  const auto skipped = planner.skipped(config, start);
  REQUIRE(skipped.size() == 1);
  CHECK(skipped[0].reason == SkipReason::off);
}

TEST_CASE("a pick costs its own candidates only", "[planner][speed]") {
  Config config;
  for (int i = 0; i < 1000; ++i) {
    std::vector<std::string> models{"everybody"};
    for (int j = 0; j < 99; ++j)
      models.push_back("model-" + std::to_string(i / 32) + "-" + std::to_string(j));
    config.providers.push_back(provider("p" + std::to_string(i), models));
  }
  const RouteTable table = table_of(config);
  Random random(5);
  const auto best_of = [&](std::string_view model) {
    auto best = std::chrono::steady_clock::duration::max();
    for (int i = 0; i < 200; ++i) {
      const auto begin = std::chrono::steady_clock::now();
      Planner planner(table.candidates(model));
      const auto pick = planner.pick(start, random);
      best = std::min(best, std::chrono::steady_clock::now() - begin);
      REQUIRE(pick);
    }
    return best;
  };
  constexpr int slack = is_sanitized ? 20 : 1;
  CHECK(best_of("model-3-7") < slack * 2us);
  CHECK(best_of("everybody") < slack * 20us);
}
