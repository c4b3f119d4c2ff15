#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include <airouter/config.h>

#include "base/json.h"

namespace airouter::config {

// The text of a config file and its places. Immutable; borrows the text.
class Document {
 public:
  explicit Document(std::string_view text);

  const json::Parsed& parsed() const noexcept { return parsed_; }

  // Fills in line and column of the byte at `offset`.
  void place(ConfigProblem& problem, std::size_t offset) const;

  // The same for what the problem's pointer points at, or for the innermost thing around it that there is.
  void place(ConfigProblem& problem) const;

 private:
  // constant after construction
  const std::size_t first_byte_;  // after a byte order mark, which no editor counts
  const json::Parsed parsed_;
  std::vector<std::size_t> line_starts_;
};

}  // namespace airouter::config
