// The table in docs/failover.md is the table in the code.
#include <fstream>
#include <string>
#include <vector>

#include <airouter/events.h>

#include "base/text.h"
#include "engine/outcome.h"
#include "support/catch.h"
#include "support/paths.h"

namespace {

using airouter::engine::Outcome;
using airouter::engine::Period;
using airouter::engine::Then;
using airouter::routing::Scope;

std::string period_text(Period period) {
  switch (period) {
    case Period::none:
      return "–";
    case Period::rate_limited:
      return "`rate_limited`";
    case Period::server_error:
      return "`server_error`";
    case Period::timeout:
      return "`timeout`";
    case Period::network:
      return "`network_error`";
    case Period::overloaded:
      return "`overloaded`";
    case Period::bad_answer:
      return "`bad_answer`";
    case Period::until_reset:
      return "until reset";
  }
  return {};
}

std::string scope_text(Scope scope) {
  return scope == Scope::nothing ? "–" : scope == Scope::provider ? "provider" : "model";
}

std::string client_text(const Outcome& outcome) {
  if (outcome.kind == airouter::FailureKind::cancelled) return "–";
  if (outcome.then == Then::stop && !outcome.verbatim) return "an error event";
  if (outcome.verbatim) return outcome.client_status == 0 ? "its own answer" : "400, its own body";
  return outcome.client_status == 0 ? "502, 503 or 504" : std::to_string(outcome.client_status);
}

// Every cell but the first, which is for people.
std::string row_of(const Outcome& outcome) {
  return "| " + std::string(airouter::to_string(outcome.kind)) + " | " + scope_text(outcome.scope) + " | " +
         period_text(outcome.period) + " | " + (outcome.then == Then::stop ? "stop" : "next") + " | " +
         client_text(outcome) + " |";
}

}  // namespace

TEST_CASE("docs: the outcome table is the one in the code", "[docs]") {
  std::ifstream file(source_root() + "/docs/failover.md");
  std::vector<std::string> rows;
  bool is_inside = false;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("| what came")) {
      is_inside = true;
      std::getline(file, line);  // the rule below the heading
    } else if (is_inside && line.starts_with("| ")) {
      rows.push_back(line.substr(line.find(" | ") + 1));
    } else {
      is_inside = false;
    }
  }
  std::string documented, wanted;
  for (const std::string& row : rows)
    documented += row + "\n";
  for (const Outcome& outcome : airouter::engine::outcome_table())
    wanted += row_of(outcome) + "\n";
  CHECK(documented == wanted);
}
