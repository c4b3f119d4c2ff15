#pragma once

#include <string>
#include <string_view>

namespace airouter::protocol {

// What an answer says of an error, in whichever of the field's many spellings:
// {"error":{"code","type","message"}}, {"error":"text"}, [{"error":…}], {"detail":…}, {"message":…,"code":…},
// {"success":false,…}, Google's error.status. Texts are valid UTF-8 and shortened. A value type.
struct ErrorFacts {
  bool is_error = false;
  std::string code{}, type{}, message{}, param{};
  int status = 0;              // a numeric code or status 400 … 599, if there is one
  bool is_moderation = false;  // OpenRouter's metadata about flagged input
};

// Any bytes. `is_error` is false if they are no JSON that tells of an error. An `error` that says nothing is
// none: null, false, "", and an object of empty members, as relays written in Go print it with every success.
ErrorFacts read_error(std::string_view body);

// Whether a body is a page for people.
bool looks_like_html(std::string_view body) noexcept;

}  // namespace airouter::protocol
