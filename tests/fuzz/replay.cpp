// Runs every fuzz target over its seeds, over what is left of them when their ends are cut off, and over what
// becomes of them when a few bytes change: the same few in every run.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "base/random.h"
#include "fuzz.h"
#include "replay_targets.h"
#include "support/catch.h"
#include "support/paths.h"

namespace fs = std::filesystem;

void fuzz::fail(std::string_view claim, std::string_view seen) {
  throw std::runtime_error("this does not hold: " + std::string(claim) + "\n" + std::string(seen));
}

namespace {

constexpr std::size_t seed_bytes_max = 4096, seeds_max = 40;
constexpr std::size_t cuts_max = 48;
constexpr int changes_max = 100;

struct Seed {
  std::string name{}, bytes{};
};

std::vector<Seed> seeds_of(const Target& target) {
  std::vector<Seed> seeds;
  for (const auto& entry : fs::directory_iterator(source_root() + "/tests/fuzz/corpus/" + target.name)) {
    std::ifstream file(entry.path(), std::ios::binary);
    std::ostringstream bytes;
    bytes << file.rdbuf();
    seeds.push_back({entry.path().filename().string(), bytes.str()});
  }
  std::sort(seeds.begin(), seeds.end(), [](const Seed& a, const Seed& b) { return a.name < b.name; });
  return seeds;
}

// In memory of exactly that size, so that a sanitizer sees a read past its end.
void run(const Target& target, std::string_view bytes) {
  const std::vector<std::uint8_t> exact(bytes.begin(), bytes.end());
  target.run(exact.data(), exact.size());
}

std::string changed(std::string bytes, airouter::Random& random) {
  constexpr std::string_view likely = "\r\n\t \0\"\\{}[],:;0159aefx-+.%/\x1f\x7f\xef\xff";
  for (std::uint64_t left = 1 + random.below(4); left > 0 && !bytes.empty(); --left) {
    const auto at = static_cast<std::ptrdiff_t>(random.below(bytes.size()));
    const char c = likely[random.below(likely.size())];
    switch (random.below(3)) {
      case 0:
        bytes[static_cast<std::size_t>(at)] = c;
        break;
      case 1:
        bytes.insert(bytes.begin() + at, c);
        break;
      default:
        bytes.erase(bytes.begin() + at);
    }
  }
  return bytes;
}

}  // namespace

TEST_CASE("every fuzz target has seeds, and they are few and small") {
  for (const Target& target : targets) {
    const auto seeds = seeds_of(target);
    INFO(target.name);
    CHECK(!seeds.empty());
    CHECK(seeds.size() <= seeds_max);
    for (const Seed& seed : seeds) {
      INFO(seed.name);
      CHECK(seed.bytes.size() <= seed_bytes_max);
    }
  }
}

TEST_CASE("what the fuzz targets claim holds for every seed") {
  for (const Target& target : targets) {
    for (const Seed& seed : seeds_of(target)) {
      INFO(target.name << "/" << seed.name);
      CHECK_NOTHROW(run(target, seed.bytes));
    }
  }
}

TEST_CASE("what the fuzz targets claim holds for every seed without its end") {
  for (const Target& target : targets) {
    for (const Seed& seed : seeds_of(target)) {
      const std::size_t step = 1 + seed.bytes.size() / cuts_max;
      for (std::size_t size = 0; size < seed.bytes.size(); size += step) {
        INFO(target.name << "/" << seed.name << ", the first " << size << " bytes");
        CHECK_NOTHROW(run(target, std::string_view(seed.bytes).substr(0, size)));
      }
    }
  }
}

TEST_CASE("what the fuzz targets claim holds for seeds with a few bytes changed") {
  airouter::Random random(1);
  for (const Target& target : targets) {
    for (const Seed& seed : seeds_of(target)) {
      for (int i = 0; i < changes_max; ++i) {
        const std::string bytes = changed(seed.bytes, random);
        INFO(target.name << "/" << seed.name << " with changes: " << bytes);
        CHECK_NOTHROW(run(target, bytes));
      }
    }
  }
}

TEST_CASE("a claim that does not hold is told") {
  CHECK_THROWS_WITH(fuzz::claim(false, "black is white", "black"),
                    "this does not hold: black is white\nblack");
}
