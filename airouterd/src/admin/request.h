#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <airouter/config.h>

#include "http/message.h"

namespace airouterd::admin {

// A sentence for a person, in the languages there are.
struct Sentence {
  std::string english{}, chinese{};
};

// A request to the admin API, its path and query taken apart. Used by one thread; borrows the HTTP request.
class Request {
 public:
  // `name` is what the path's parameter stands for, still percent-encoded.
  Request(http::Request& request, std::string_view name, const airouter::Config& routing);

  http::Request& http() noexcept { return http_; }
  const http::Request& http() const noexcept { return http_; }

  // What the path names, decoded: of a key, a provider or a model.
  const std::string& name() const noexcept { return name_; }

  // The routing config that is served now.
  const airouter::Config& routing() const noexcept { return routing_; }

  // The last query parameter of that name, decoded as a form's (`+` is a blank); nothing if there is none.
  std::optional<std::string> parameter(std::string_view key) const;

  // As Accept-Language has it: Chinese if it is preferred to English, else English.
  const std::string& in_language(const Sentence& sentence) const noexcept;

 private:
  http::Request& http_;
  const std::string name_;
  const airouter::Config& routing_;
  const bool prefers_chinese_;
};

}  // namespace airouterd::admin
