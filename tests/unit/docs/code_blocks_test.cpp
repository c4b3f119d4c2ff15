// Every block of code in the documents is a region of a file that is built and run.
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "support/catch.h"
#include "support/paths.h"

namespace {

namespace fs = std::filesystem;

const fs::path root = source_root();

std::vector<std::string> lines_of(const fs::path& file) {
  std::ifstream in(file);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);)
    lines.push_back(line);
  return lines;
}

// Without the indentation that all lines share, and without blank lines at the end.
std::string unindented(const std::vector<std::string>& lines) {
  std::size_t shared = std::string::npos;
  for (const std::string& line : lines)
    if (!line.empty()) shared = std::min(shared, line.find_first_not_of(' '));
  std::string text;
  for (const std::string& line : lines)
    text += (line.empty() ? "" : line.substr(shared)) + "\n";
  while (text.ends_with("\n\n"))
    text.pop_back();
  return text;
}

// A language of the documents: how its blocks are called, and where its regions stand.
struct Language {
  std::string block;
  std::string extension;
  std::string comment;
  std::vector<const char*> folders;
};

const Language languages[] = {
    {"cpp", ".cpp", "//", {"examples", "tests/unit/docs"}},
    {"c", ".c", "//", {"examples"}},
    {"python", ".py", "#", {"examples"}},
    {"js", ".js", "//", {"examples"}},
};

bool is_region_name(const std::string& line, const std::string& comment) {
  const std::size_t start = line.find_first_not_of(' ');
  const std::string mark = comment + " [";
  return start != std::string::npos && line.compare(start, mark.size(), mark) == 0 && line.ends_with(']');
}

void add_regions(const fs::path& file, const std::string& comment, std::set<std::string>& regions) {
  std::vector<std::string> region;
  bool is_inside = false;
  for (const std::string& line : lines_of(file)) {
    if (!is_region_name(line, comment)) {
      if (is_inside) region.push_back(line);
      continue;
    }
    if (line.ends_with("[end]") && is_inside) regions.insert(unindented(region));
    is_inside = !line.ends_with("[end]");
    region.clear();
  }
}

std::vector<std::string> code_blocks(const fs::path& document, const std::string& language) {
  std::vector<std::string> blocks, block;
  bool is_inside = false;
  for (const std::string& line : lines_of(document)) {
    if (line.starts_with("```")) {
      if (is_inside) blocks.push_back(unindented(block));
      is_inside = !is_inside && line == "```" + language;
      block.clear();
    } else if (is_inside) {
      block.push_back(line);
    }
  }
  return blocks;
}

std::vector<fs::path> files_in(const fs::path& folder, const std::string& extension) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder))
    if (entry.path().extension() == extension) files.push_back(entry.path());
  return files;
}

}  // namespace

TEST_CASE("docs: every block of code stands in a file that is built and run", "[docs]") {
  std::vector<fs::path> documents = files_in(root / "docs", ".md");
  documents.push_back(root / "README.md");
  for (const Language& language : languages) {
    std::set<std::string> regions;
    for (const char* folder : language.folders)
      for (const fs::path& file : files_in(root / folder, language.extension))
        add_regions(file, language.comment, regions);
    std::size_t count = 0;
    for (const fs::path& document : documents) {
      for (const std::string& block : code_blocks(document, language.block)) {
        ++count;
        INFO(document.string() << " shows code that no file has as a region:\n" << block);
        CHECK(regions.count(block) == 1);
      }
    }
    INFO(language.block);
    CHECK(count >= 1);
  }
}
