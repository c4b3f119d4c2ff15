#pragma once

#include <memory>
#include <string>
#include <vector>

#include <airouter/config.h>

#include "demo/scripted_provider.h"

namespace airouterd::demo {

// The three providers of `airouterd demo`, on loopback ports of this process: one is rate limited, one breaks
// off before it has said anything, one answers word by word. Their weights make them be tried in that order.
class Cast {
 public:
  // Throws std::system_error if no port can be had.
  Cast();

  // A config that routes the model "demo" to them.
  airouter::Config config() const;

  // The same as a config file has it.
  std::string config_text() const;

 private:
  ScriptedProvider limited_, broken_, steady_;
};

}  // namespace airouterd::demo
