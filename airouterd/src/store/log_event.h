#pragma once

#include <optional>
#include <string>
#include <variant>

#include <airouter/call.h>
#include <airouter/events.h>

#include "store/local_time.h"
#include "store/log_words.h"

// What the log is told of, before it is made a record: as little work as can be for whoever tells.
namespace airouterd::store {

struct CallStarted {
  airouter::CallSummary call{};
};

struct AttemptFailed {
  std::uint64_t call_id = 0;
  airouter::Attempt attempt{};
};

struct CallFinished {
  struct Failure {
    int status = 0;
    bool is_cancelled = false;  // by its client or, as `status` and `message` say, by the server
    std::string message{};
  };
  airouter::CallSummary call{};
  std::optional<Failure> failure{};
};

// A request that was turned away before anybody was asked.
struct RequestRefused {
  std::string request_id{}, method{}, path{}, client_ip{}, key_id{};
  int status = 0;
  std::string reason{};

  // Whether it was one that would have been counted. Others, as those for this API, are mentioned only.
  bool is_counted = true;

  // How many it stands for, of which it is the last; 0: for itself alone.
  std::int64_t summed = 0;
};

struct Note {
  LogLevel level = LogLevel::info;
  std::string message{}, chinese{};
};

struct LogEvent {
  Microseconds time = 0;
  std::variant<CallStarted, AttemptFailed, CallFinished, airouter::HealthEvent, RequestRefused, Note> what{};
};

}  // namespace airouterd::store
