#pragma once

#include "options.h"

namespace airouterd {

// Asks twice for a password on a terminal, without showing it, or reads a line from a pipe, and prints what
// the config's admin.password_hash should be.
ExitCode hash_password();

}  // namespace airouterd
