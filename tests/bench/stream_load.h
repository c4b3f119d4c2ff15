#pragma once

#include "load_target.h"

namespace bench {

struct StreamLoadOptions {
  Target target{};  // its model is made of the two below
  int streams = 100, rate = 50, events = 250;
  double ramp_s = 1;  // over which the streams are opened, evenly
};

// Opens streams and reads them to the end. Prints figures: what was lost in all; processor time and lateness
// over the time in which every stream runs. False if anything was lost or a stream did not end well.
bool run_stream_load(const StreamLoadOptions& options);

}  // namespace bench
