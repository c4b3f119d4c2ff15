#pragma once

#include "options.h"

// What airouterd does besides serving: it prints and exits.
namespace airouterd {

// Everything that is wrong with a config file, or what it means.
ExitCode check(const Options& options);

ExitCode show_admin_url(const Options& options);

}  // namespace airouterd
