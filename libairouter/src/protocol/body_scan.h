#pragma once

#include <optional>
#include <vector>

#include <airouter/events.h>

#include "protocol/facts_builder.h"
#include "protocol/path_handler.h"

namespace airouter::protocol {

// One pass over a provider's JSON that collects what every judge asks for. Used by one thread, for one scan.
class BodyScan : public PathHandler {
 public:
  bool is_object() const noexcept { return is_object_; }
  bool has_choices() const noexcept { return has_choices_; }  // an array with an object in it
  const std::vector<json::Span>& model_places() const noexcept { return model_places_; }  // top-level strings
  const std::optional<Usage>& usage() const noexcept { return usage_; }
  ErrorFacts take_error() { return std::move(facts_).build(has_choices_); }

 protected:
  void found_leaf(const Leaf& leaf) override;
  void found_open(json::Kind kind, std::size_t offset) override;

 private:
  bool is_object_ = false, has_choices_ = false;
  std::vector<json::Span> model_places_{};
  std::optional<Usage> usage_{};
  FactsBuilder facts_{};
};

}  // namespace airouter::protocol
