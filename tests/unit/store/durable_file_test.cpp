#include "store/durable_file.h"

#include <algorithm>
#include <atomic>
#include <csignal>
#include <sys/resource.h>
#include <sys/stat.h>
#include <thread>
#include <vector>

#include "base/text_file.h"
#include "support/catch.h"
#include "support/temp_folder.h"

namespace {

using airouterd::store::replace_file;

std::string text_of(const std::string& file) {
  const airouter::TextFile read = airouter::read_text_file(file, 1 << 20, airouter::FileKind::any);
  return read.problem.empty() ? read.text : "(" + read.problem + ")";
}

std::string mode_of(const std::string& file) {
  struct stat status {};
  if (::lstat(file.c_str(), &status) != 0) return "none";
  return (S_ISLNK(status.st_mode) ? "link " : "") + std::to_string((status.st_mode >> 6) & 7) +
         std::to_string((status.st_mode >> 3) & 7) + std::to_string(status.st_mode & 7);
}

// What lies in a folder, sorted: "a b".
std::string names_in(const std::string& folder) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    names.push_back(entry.path().filename().string());
  std::sort(names.begin(), names.end());
  std::string list;
  for (const std::string& name : names)
    list += (list.empty() ? "" : " ") + name;
  return list;
}

std::string outcome_of(const airouter::Result<void>& result) {
  return result ? "saved" : result.error().message;
}

}  // namespace

TEST_CASE("a new file is its owner's alone, and an old one keeps its mode", "[store]") {
  const TempFolder folder;
  const std::string file = folder.file("config.json");
  REQUIRE(outcome_of(replace_file(file, "first")) == "saved");
  CHECK(text_of(file) == "first");
  CHECK(mode_of(file) == "600");
  for (const mode_t mode : {0640U, 0644U, 0400U}) {
    REQUIRE(::chmod(file.c_str(), mode) == 0);
    const std::string before = mode_of(file);
    REQUIRE(outcome_of(replace_file(file, "second")) == "saved");
    CHECK(mode_of(file) == before);
    CHECK(text_of(file) == "second");
  }
  REQUIRE(outcome_of(replace_file(file, "")) == "saved");
  CHECK(text_of(file).empty());
  CHECK(names_in(folder.file("")) == "config.json");
}

TEST_CASE("a symlinked file stays a link, and what it leads to is replaced", "[store]") {
  const TempFolder folder;
  std::filesystem::create_directory(folder.file("real"));
  folder.write("real/config.json", "old");
  std::filesystem::create_symlink("real/config.json", folder.file("link"));
  std::filesystem::create_symlink(folder.file("link"), folder.file("link2"));
  REQUIRE(outcome_of(replace_file(folder.file("link2"), "new")) == "saved");
  CHECK(mode_of(folder.file("link")).starts_with("link"));
  CHECK(mode_of(folder.file("link2")).starts_with("link"));
  CHECK(text_of(folder.file("real/config.json")) == "new");

  SECTION("also if there is no file yet") {
    std::filesystem::create_symlink("real/other.json", folder.file("dangling"));
    REQUIRE(outcome_of(replace_file(folder.file("dangling"), "made")) == "saved");
    CHECK(text_of(folder.file("real/other.json")) == "made");
  }
  SECTION("but not if it leads nowhere") {
    std::filesystem::create_symlink("loop", folder.file("loop"));
    CHECK(outcome_of(replace_file(folder.file("loop"), "x")).find("cannot follow the link") == 0);
  }
  CHECK(names_in(folder.file("real")).find(".new") == std::string::npos);
}

TEST_CASE("what cannot be replaced is named with the system's reason", "[store]") {
  const TempFolder folder;
  const auto refusal = [&](const std::string& name) {
    const std::string text = outcome_of(replace_file(folder.file(name), "x"));
    const auto place = text.find(folder.file(""));
    return place == std::string::npos ? text : std::string(text).erase(place, folder.file("").size());
  };
  std::filesystem::create_directory(folder.file("folder"));
  CHECK(refusal("folder") == "cannot replace 'folder': it is not a regular file");
  CHECK(refusal("missing/config.json") ==
        "cannot open the folder of 'missing/config.json': No such file or directory");
  REQUIRE(::mkfifo(folder.file("pipe").c_str(), 0600) == 0);
  CHECK(refusal("pipe") == "cannot replace 'pipe': it is not a regular file");
  CHECK(refusal("").find("it is no file's name") != std::string::npos);
}

TEST_CASE("a file that would grow too large stays as it is, without a trace of the attempt", "[store]") {
  const TempFolder folder;
  const std::string file = folder.write("config.json", "old");
  rlimit before{};
  REQUIRE(::getrlimit(RLIMIT_FSIZE, &before) == 0);
  rlimit small = before;
  small.rlim_cur = 4096;
  auto* const handler = std::signal(SIGXFSZ, SIG_IGN);
  REQUIRE(::setrlimit(RLIMIT_FSIZE, &small) == 0);
  const std::string outcome = outcome_of(replace_file(file, std::string(10'000, 'x')));
  REQUIRE(::setrlimit(RLIMIT_FSIZE, &before) == 0);
  std::signal(SIGXFSZ, handler);
  CHECK(outcome == "cannot write '" + file + "': File too large");
  CHECK(text_of(file) == "old");
  CHECK(names_in(folder.file("")) == "config.json");
}

TEST_CASE("what a killed save has left behind is neither in the way nor kept", "[store]") {
  const TempFolder folder;
  const std::string file = folder.write("config.json", "old");
  folder.write(".config.json.new", "half");
  folder.write(".config.json.old", "older");
  REQUIRE(outcome_of(replace_file(file, "new")) == "saved");
  CHECK(text_of(file) == "new");
  CHECK(names_in(folder.file("")) == "config.json");
}

TEST_CASE("readers of a file that several replace see whole contents only", "[store]") {
  const TempFolder folder;
  const std::string file = folder.write("config.json", std::string(50'000, '0'));
  std::atomic<bool> is_done{false};
  std::atomic<int> odd{0};
  std::thread reader([&] {
    while (!is_done) {
      const std::string text = text_of(file);
      if (text.size() != 50'000 || text.find_first_not_of(text[0]) != std::string::npos) ++odd;
    }
  });
  std::vector<std::thread> writers;
  std::atomic<int> failed{0};
  for (char letter = 'a'; letter < 'e'; ++letter)
    writers.emplace_back([&, letter] {
      for (int i = 0; i < 25; ++i)
        if (!replace_file(file, std::string(50'000, letter))) ++failed;
    });
  for (std::thread& writer : writers)
    writer.join();
  is_done = true;
  reader.join();
  CHECK(odd == 0);
  CHECK(failed == 0);
  CHECK(names_in(folder.file("")) == "config.json");
}
