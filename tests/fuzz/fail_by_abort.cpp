// For libFuzzer, which keeps the input of a process that aborts.
#include <cstdio>
#include <cstdlib>

#include "fuzz.h"

void fuzz::fail(std::string_view claim, std::string_view seen) {
  std::fprintf(stderr, "a claim does not hold: %.*s\n%.*s\n", static_cast<int>(claim.size()), claim.data(),
               static_cast<int>(seen.size()), seen.data());
  std::abort();
}
