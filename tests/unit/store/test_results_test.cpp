#include "store/test_results.h"

#include "support/catch.h"

using airouterd::store::TestResult;
using airouterd::store::TestResults;

TEST_CASE("the latest test of each model is remembered, and no more than there is room for",
          "[test_results]") {
  TestResults results;
  const auto result = [](const std::string& model, bool success) {
    TestResult made;
    made.provider = "a";
    made.model = model;
    made.success = success;
    return made;
  };
  results.record(result("m", false));
  results.record(result("m", true));
  REQUIRE(results.of("a").size() == 1);
  CHECK(results.of("a")[0].success);
  for (std::size_t i = 0; i < TestResults::results_max; ++i)
    results.record(result("n" + std::to_string(i), true));
  CHECK(results.of().size() == TestResults::results_max);
  CHECK(results.of()[0].model == "n0");
  results.forget("a");
  CHECK(results.of().empty());
}
