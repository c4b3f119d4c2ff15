#pragma once

#include <cstdint>
#include <vector>

#include "protocol/body_scan.h"

namespace airouter::protocol {

// One pass over the JSON of one event of a stream: what BodyScan collects, and what the deltas say.
class EventScan : public BodyScan {
 public:
  struct Choice {
    std::int64_t index = 0;
    bool is_finished = false;
  };

  // Of one event or of a whole stream; OpenAI allows 128.
  static constexpr std::size_t choices_max = 1024;

  bool has_output() const noexcept { return has_output_; }
  bool has_too_many_choices() const noexcept { return has_too_many_choices_; }
  const std::vector<Choice>& choices() const noexcept { return choices_; }

 protected:
  void found_leaf(const Leaf& leaf) override;
  void found_open(json::Kind kind, std::size_t offset) override;
  void found_close(json::Kind kind, json::Span span) override;

 private:
  bool has_output_ = false, has_too_many_choices_ = false;
  Choice choice_{};  // the one that is being read
  std::vector<Choice> choices_{};
};

}  // namespace airouter::protocol
