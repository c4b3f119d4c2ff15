#include <cstdio>
#include <exception>

#include "app.h"
#include "commands.h"
#include "hash_password.h"
#include "options.h"

int main(int argc, char** argv) {
  using airouterd::ExitCode;
  using Command = airouterd::Options::Command;
  try {
    const airouterd::ParsedOptions parsed = airouterd::parse_options(argc, argv);
    if (!parsed.options) return static_cast<int>(parsed.exit_code);
    switch (parsed.options->command) {
      case Command::serve:
        return static_cast<int>(airouterd::serve(*parsed.options));
      case Command::check:
        return static_cast<int>(airouterd::check(*parsed.options));
      case Command::demo:
        return static_cast<int>(airouterd::demonstrate(*parsed.options));
      case Command::admin_url:
        return static_cast<int>(airouterd::show_admin_url(*parsed.options));
      case Command::route:
        return static_cast<int>(airouterd::show_route(*parsed.options));
      case Command::status:
        return static_cast<int>(airouterd::show_status(*parsed.options));
      case Command::hash_password:
        return static_cast<int>(airouterd::hash_password());
    }
  } catch (const std::exception& error) {
    std::fprintf(stderr, "airouterd: %s\n", error.what());
  }
  return static_cast<int>(ExitCode::failed);
}
