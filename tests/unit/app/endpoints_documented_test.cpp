#include <fstream>
#include <iterator>
#include <string>

#include "routes.h"
#include "support/catch.h"
#include "support/paths.h"

TEST_CASE("docs: README names every endpoint", "[docs]") {
  std::ifstream file(source_root() + "/README.md");
  const std::string readme(std::istreambuf_iterator<char>(file), {});
  for (const auto& route : airouterd::routes()) {
    std::string path(route.path);
    if (const auto rest = path.find("...}"); rest != std::string::npos) path.erase(rest, 3);
    const std::string cell = "| " + std::string(route.method) + " `" + path + "` |";
    INFO(cell);
    CHECK(readme.find(cell) != std::string::npos);
  }
}
