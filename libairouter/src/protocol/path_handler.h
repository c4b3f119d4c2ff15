#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"

namespace airouter::protocol {

// A value that is no container, as it passes by.
struct Leaf {
  json::Kind kind = json::Kind::null;
  std::string_view text{};  // a string, decoded; a number, as written; valid during the call only
  bool boolean = false;
  json::Span span{};
};

// A scan that knows where it stands, as text: "choices[].delta.content"; the outermost value is "". A key
// that could be mistaken for a path of its own (it holds a dot or a bracket), or that nobody asks for (it is
// empty or long), reads "?". Used by one thread, for one scan.
class PathHandler : public json::Handler {
 public:
  bool on_null(json::Span span) final { return leaf({.kind = json::Kind::null, .span = span}); }
  bool on_bool(bool value, json::Span span) final {
    return leaf({.kind = json::Kind::boolean, .boolean = value, .span = span});
  }
  bool on_number(std::string_view text, json::Span span) final {
    return leaf({.kind = json::Kind::number, .text = text, .span = span});
  }
  bool on_string(std::string_view value, json::Span span) final {
    return leaf({.kind = json::Kind::string, .text = value, .span = span});
  }
  bool on_key(std::string_view key, json::Span span) final;
  bool on_start_object(std::size_t offset) final { return open(json::Kind::object, offset); }
  bool on_start_array(std::size_t offset) final { return open(json::Kind::array, offset); }
  bool on_end_object(json::Span span) final { return close(json::Kind::object, span); }
  bool on_end_array(json::Span span) final { return close(json::Kind::array, span); }

 protected:
  // The place of the value that is being told of.
  const std::string& path() const noexcept { return path_; }

  virtual void found_key(json::Span /*key*/) {}  // path() names the member
  virtual void found_leaf(const Leaf& /*value*/) {}
  virtual void found_open(json::Kind /*kind*/, std::size_t /*offset*/) {}
  virtual void found_close(json::Kind /*kind*/, json::Span /*span*/) {}

 private:
  bool leaf(const Leaf& value) { return found_leaf(value), true; }
  bool open(json::Kind kind, std::size_t offset);
  bool close(json::Kind kind, json::Span span);

  std::string path_{};
  std::vector<std::size_t> open_{};  // the path's length at each container that is open
};

}  // namespace airouter::protocol
