// Every row of docs/fault-catalogue.md names tests that exist, and one of them drives the real binary.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <regex>
#include <string>
#include <vector>

#include "support/catch.h"
#include "support/paths.h"

namespace {

namespace fs = std::filesystem;

std::string text_of(const fs::path& file) {
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), {}};
}

// All matches of the first group.
std::vector<std::string> all_of(const std::string& text, const std::regex& pattern) {
  std::vector<std::string> found;
  for (std::sregex_iterator match(text.begin(), text.end(), pattern), end; match != end; ++match)
    found.push_back((*match)[1]);
  return found;
}

// The tags of each test in the folder, by its name.
std::map<std::string, std::string> tests_in(const fs::path& folder) {
  const std::regex test(R"re(\bTEST_CASE\(\s*"((?:[^"\\]|\\.)*)"(?:\s*,\s*"([^"]*)")?)re");
  std::map<std::string, std::string> tests;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.path().extension() != ".cpp") continue;
    const std::string text = text_of(entry.path());
    for (std::sregex_iterator match(text.begin(), text.end(), test), end; match != end; ++match)
      tests[(*match)[1]] = (*match)[2];
  }
  return tests;
}

struct Row {
  std::string group{}, fault{}, tests{};
};

std::vector<Row> rows_in(const fs::path& page) {
  std::vector<Row> rows;
  std::string group;
  std::ifstream file(page);
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("## ")) group = line.substr(3);
    const bool is_row = line.starts_with("| ") && !line.starts_with("| fault |");
    if (!is_row) continue;
    const auto cells_end = line.rfind(" |"), last_cell = line.rfind(" | ", cells_end - 1);
    rows.push_back(
        {group, line.substr(2, line.find(" | ") - 2),
         last_cell == std::string::npos ? "" : line.substr(last_cell + 3, cells_end - last_cell - 3)});
  }
  return rows;
}

}  // namespace

TEST_CASE("docs: every row of the fault catalogue names tests that exist", "[docs]") {
  const auto tests = tests_in(source_root() + "/tests");
  REQUIRE(tests.size() > 100);
  std::map<std::string, int> rows_of;
  std::string wrong;
  for (const Row& row : rows_in(source_root() + "/docs/fault-catalogue.md")) {
    ++rows_of[row.group];
    const auto names = all_of(row.tests, std::regex("`([^`]*)`"));
    if (names.empty()) wrong += row.fault + ": names no test\n";
    for (const std::string& name : names)
      if (!tests.contains(name)) wrong += row.fault + ": there is no test '" + name + "'\n";
    const bool is_driven = std::any_of(names.begin(), names.end(), [&](const std::string& name) {
      return tests.contains(name) && tests.at(name).find("[daemon]") != std::string::npos;
    });
    if (!is_driven && row.group != "Machine") wrong += row.fault + ": no test drives the real binary\n";
  }
  CHECK(wrong == "");
  for (const auto* const group : {"Upstream", "Client", "Machine", "State"}) {
    INFO(group);
    CHECK(rows_of[group] >= 5);
  }
}
