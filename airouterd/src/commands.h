#pragma once

#include "options.h"

// What airouterd does besides serving: it prints and exits.
namespace airouterd {

// Everything that is wrong with a config file, or what it means.
ExitCode check(const Options& options);

ExitCode show_admin_url(const Options& options);

// Who would answer a model by the config alone. Nothing is sent.
ExitCode show_route(const Options& options);

// How the running server is that has this config.
ExitCode show_status(const Options& options);

}  // namespace airouterd
