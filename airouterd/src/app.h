#pragma once

#include "options.h"

namespace airouterd {

// Each runs a command of the program to its end. They print to stdout what was asked for, to stderr what went
// wrong.
ExitCode serve(const Options& options);
ExitCode demonstrate(const Options& options);

}  // namespace airouterd
