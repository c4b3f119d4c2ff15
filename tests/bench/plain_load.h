#pragma once

#include <cstdint>

#include "load_target.h"

namespace bench {

struct PlainLoadOptions {
  Target target{};
  int connections = 1;
  double warm_up_s = 0.3, seconds = 2;  // what is counted begins after the warm-up
  std::int64_t requests = 0;            // instead of a time: so many, aborted ones included
  int abort_percent = 0;   // of the requests; half of them leave before the first byte, half at it
  int stream_percent = 0;  // of the requests ask for `stream_model`
  std::string stream_model = "stream-1000x5";
  double sample_every_s = 0;  // prints "sample DONE RSS_ANONYMOUS_KIB DESCRIPTORS THREADS" so often; 0: never
};

// Every connection asks again as soon as it is answered. Prints figures; false if an answer was not as
// expected.
bool run_plain_load(const PlainLoadOptions& options);

}  // namespace bench
