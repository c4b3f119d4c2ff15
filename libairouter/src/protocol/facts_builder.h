#pragma once

#include <string>
#include <string_view>

#include "protocol/error_facts.h"
#include "protocol/path_handler.h"

namespace airouter::protocol {

// Collects ErrorFacts from the leaves of one JSON text. Used by one thread.
class FactsBuilder {
 public:
  // `path` is that of the object that may hold the error: without the "[]." of an array around it.
  void add(std::string_view path, const Leaf& leaf);

  // `has_choices`: the text also carries an answer; then a bare `message` or `detail` is no error.
  ErrorFacts build(bool has_choices) &&;

 private:
  struct Slot {
    std::string_view path;
    std::string FactsBuilder::*member;
  };
  static const Slot slots[];

  ErrorFacts from_error_member();
  ErrorFacts from_top_level();
  bool tells_of_success() const;

  bool said_error_ = false, said_failure_ = false, is_moderation_ = false;
  // The first text that is not empty, of each place.
  std::string error_text_{}, error_code_{}, error_type_{}, error_status_{}, error_message_{}, error_reason_{},
      param_{};
  std::string object_{}, code_{}, type_{}, status_{}, message_{}, detail_{};
};

}  // namespace airouter::protocol
