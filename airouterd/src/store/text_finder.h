#pragma once

#include <string>
#include <string_view>

namespace airouterd::store {

// Finds one text in many, ASCII letters in any case. Fast enough for all lines of a day. Immutable.
class TextFinder {
 public:
  explicit TextFinder(std::string_view text);

  bool is_empty() const noexcept { return lower_.empty(); }
  bool is_in(std::string_view haystack) const noexcept;  // an empty text is in all

 private:
  bool is_at(const char* place) const noexcept;

  std::string lower_{};
};

}  // namespace airouterd::store
