#pragma once

#include <string>
#include <string_view>

#include <airouter/config.h>

namespace airouter::config {

// Where a key written in a config file comes from. Neither text ever holds a key, nor what was written.
struct ResolvedKey {
  Secret key{};
  std::string missing{};         // why there is no key, although it is named properly
  std::string_view malformed{};  // what is wrong with the way it is written
};

// `written` is the key itself, "env:NAME" or "file:PATH"; a relative path starts at the working directory.
// Reads the variable or the file; blanks and line ends around what is found there are dropped. Thread-safe.
ResolvedKey resolve_key(const std::string& written);

// Whether `written` names a place rather than being the key.
bool names_a_source(std::string_view written) noexcept;

}  // namespace airouter::config
