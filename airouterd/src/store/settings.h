#pragma once

#include <span>
#include <string_view>

#include "base/json.h"
#include "store/config_store.h"

namespace airouterd::store {

// A setting of the config that is neither a provider nor a mapping: where it stands in the file, and what
// holds now.
struct Setting {
  std::string_view pointer{};
  bool after_restart = false;  // a change holds from the next start on
  bool by_hand_only = false;   // changed in the file, not through the API: it decides who may call that
  void (*write)(airouter::json::Writer&, const LoadedConfig&) = nullptr;
};

// All of them, members of one object side by side.
std::span<const Setting> settings();

// "file", "default" or "command line".
std::string_view source_of(const Setting& setting, const LoadedConfig& config, const ConfigPlace& place);

}  // namespace airouterd::store
