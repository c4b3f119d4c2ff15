#pragma once

#include <atomic>
#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include <airouter/config.h>

#include "demo/scripted_provider.h"

namespace airouterd::demo {

// The providers of `airouterd demo`, on loopback ports of this process. For the model "demo" there are three:
// one is rate limited, one breaks off before it has said anything, one answers word by word; their weights
// make them be tried in that order. For the model "demo-pair" there are two that answer, the second of them a
// spare. Thread-safe.
class Cast {
 public:
  // Throws std::system_error if no port can be had.
  Cast();

  // A config that routes these models to them.
  airouter::Config config() const;

  // The same as a config file has it.
  std::string config_text() const;

  // Makes a provider refuse every request for a minute. Answers the model to ask for to see it; empty: there
  // is no such provider.
  std::string trip(std::string_view provider);

 private:
  // Until when a provider refuses, on the steady clock.
  using Tripped = std::atomic<std::chrono::steady_clock::rep>;

  // Own synchronization; before those that read them.
  Tripped limited_until_{0}, broken_until_{0}, steady_until_{0}, spare_until_{0};
  ScriptedProvider limited_, broken_, steady_, spare_;
};

}  // namespace airouterd::demo
