#include <fstream>
#include <iterator>
#include <string>

#include "dispatcher.h"
#include "support/catch.h"
#include "support/paths.h"

TEST_CASE("docs: README names every endpoint", "[docs]") {
  std::ifstream file(source_root() + "/README.md");
  const std::string readme(std::istreambuf_iterator<char>(file), {});
  for (const auto& route : airouterd::Dispatcher::routes()) {
    std::string path(route.path);
    if (path.size() > 1 && path.ends_with('/')) path += "{id}";
    const std::string cell = "| " + std::string(route.method) + " `" + path + "` |";
    INFO(cell);
    CHECK(readme.find(cell) != std::string::npos);
  }
}
