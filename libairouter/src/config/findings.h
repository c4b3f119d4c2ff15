#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <airouter/config.h>

#include "config/document.h"

namespace airouter::config {

// A name as a token of a JSON pointer (RFC 6901): "~" and "/" escaped.
std::string pointer_token(std::string_view name);

// Collects problems while something walks over a config, and knows where that walk stands. Used by one
// thread.
class Findings {
 public:
  // One step down; the walk is back where it was when this is destroyed. Must not outlive the findings.
  class Step {
   public:
    Step(const Step&) = delete;
    Step& operator=(const Step&) = delete;
    ~Step() { pointer_.resize(length_); }

   private:
    friend class Findings;
    Step(std::string& pointer, std::string_view token) : pointer_(pointer), length_(pointer.size()) {
      pointer_.append("/").append(token);
    }
    std::string& pointer_;
    const std::size_t length_;
  };

  [[nodiscard]] Step enter(std::string_view name) { return {pointer_, pointer_token(name)}; }
  [[nodiscard]] Step enter(std::size_t index) { return {pointer_, std::to_string(index)}; }
  const std::string& pointer() const noexcept { return pointer_; }

  // About the value where the walk stands. Null: the report is full, and the problem was only counted.
  ConfigProblem* fatal(std::string message) { return note(std::move(message), true); }
  ConfigProblem* warn(std::string message) { return note(std::move(message), false); }

  void add(ConfigProblem problem);

  // Nothing more is kept. Pointers can be as long as the file, so their bytes count as well as their number.
  bool is_full() const noexcept;

  // Whether a fatal problem was found at `pointer`, above it or below it, or any problem right there: then
  // what the value is taken for means little.
  bool is_spoiled(std::string_view pointer) const;

  // Gives every problem that has no place yet the one its pointer points at.
  void place_all(const Document& document);

  // What was found beyond the number that anybody reads is one problem at the end.
  std::vector<ConfigProblem> take();

 private:
  ConfigProblem* note(std::string message, bool is_fatal);

  // used by one thread
  std::vector<ConfigProblem> problems_{};
  std::string pointer_{};
  std::size_t bytes_ = 0;
  std::size_t left_out_ = 0;
  bool left_out_fatal_ = false;
};

}  // namespace airouter::config
