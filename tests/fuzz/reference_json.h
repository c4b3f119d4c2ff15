#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

// A reader of JSON by RFC 8259 that has nothing in common with the product's: slow, plain, and strict.
// Targets hold the product's answers to it.
namespace reference {

struct Member {
  std::string key{};               // decoded
  std::size_t begin = 0, end = 0;  // of the value
  bool is_string = false;
  std::string text{};  // of a string, decoded
};

struct Json {
  bool is_valid = false;
  bool is_object = false;
  std::vector<Member> members{};  // of the outermost object, in order
};

inline constexpr int depth_max = 512;

// Escaped lone surrogates are valid and decode to U+FFFD. Deeper nesting than depth_max is not valid.
Json read_json(std::string_view text);

}  // namespace reference
