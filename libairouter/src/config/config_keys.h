#pragma once

#include <span>

#include <airouter/config.h>

#include "config/config_reader.h"

namespace airouter::config {

// The keys of the config file's root. All others hang below.
std::span<const Key<Config>> config_keys() noexcept;

}  // namespace airouter::config
