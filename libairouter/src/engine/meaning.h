#pragma once

#include <string_view>

#include "protocol/error_facts.h"

namespace airouter::engine {

// What an error speaks of, as far as its words tell.
enum class Meaning {
  unknown,
  quota,       // the account has no money or quota left
  moderation,  // the prompt breaks a content policy
  too_long,    // the prompt exceeds the model's context
  model,       // the provider does not have the model
  overloaded,
  key,        // the provider's key is refused
  rate,       // too many requests or tokens
  wrong_url,  // nothing answers at this path
  bad_request,
  server,
  timeout,
};

struct Understood {
  Meaning meaning = Meaning::unknown;
  bool is_by_code = false;  // by its code or type, which no client can have a hand in; else by its message
};

Understood understand(const protocol::ErrorFacts& facts);

// Whether a message is about the model: enough for a 404, and for nothing else.
bool speaks_of_model(std::string_view message) noexcept;

}  // namespace airouter::engine
