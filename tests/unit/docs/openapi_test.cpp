// docs/openapi.json describes the routes there are, no more and no less.
#include <algorithm>
#include <fstream>
#include <iterator>
#include <set>
#include <string>

#include "base/json.h"
#include "base/text.h"
#include "routes.h"
#include "support/catch.h"
#include "support/json_schema.h"
#include "support/paths.h"

namespace json = airouter::json;

namespace {

std::string openapi_text() {
  std::ifstream file(source_root() + "/docs/openapi.json");
  return {std::istreambuf_iterator<char>(file), {}};
}

// Calls `visit` for every object with a $ref below `value`.
template <class Visit>
void visit_references(const json::Value& value, const Visit& visit) {
  if (const json::Value* reference = value.find("$ref")) visit(reference->text);
  for (const json::Member& member : value.members)
    visit_references(member.value, visit);
  for (const json::Value& item : value.items)
    visit_references(item, visit);
}

}  // namespace

TEST_CASE("docs: openapi.json has exactly the routes that there are", "[docs][openapi]") {
  const json::Parsed parsed = json::parse(openapi_text());
  REQUIRE(parsed.value);
  std::set<std::string> described, real;
  for (const json::Member& path : parsed.value->find("paths")->members)
    for (const json::Member& operation : path.value.members)
      described.insert(operation.key + " " + path.key);
  for (const auto& route : airouterd::routes())
    real.insert(airouter::text::lower(route.method) + " " +
                airouter::text::replaced(route.path, "...}", "}"));
  for (const std::string& one : real) {
    INFO(one);
    CHECK(described.contains(one));
  }
  for (const std::string& one : described) {
    INFO(one);
    CHECK(real.contains(one));
  }
}

TEST_CASE("docs: openapi.json names its parameters, and nothing that is not there", "[docs][openapi]") {
  const json::Parsed parsed = json::parse(openapi_text());
  REQUIRE(parsed.value);
  visit_references(*parsed.value, [&](const std::string& reference) {
    INFO(reference);
    CHECK(at_pointer(*parsed.value, std::string_view(reference).substr(1)) != nullptr);
  });
  for (const json::Member& path : parsed.value->find("paths")->members) {
    const auto begin = path.key.find('{');
    if (begin == std::string::npos) continue;
    const std::string name = path.key.substr(begin + 1, path.key.find('}') - begin - 1);
    for (const json::Member& operation : path.value.members) {
      INFO(operation.key << " " << path.key);
      const json::Value* parameters = operation.value.find("parameters");
      REQUIRE(parameters != nullptr);
      CHECK(
          std::any_of(parameters->items.begin(), parameters->items.end(), [&](const json::Value& parameter) {
            return parameter.find("name")->text == name && parameter.find("in")->text == "path";
          }));
    }
  }
}
