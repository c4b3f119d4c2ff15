#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "admin/request.h"
#include "http/message.h"

namespace airouterd::admin {

// The parameters behind a request's question mark. Each getter answers nothing for one that is absent, empty
// or wrong, and notes what is wrong, so that one answer names it all. Used by one thread; borrows the
// request.
class Query {
 public:
  explicit Query(const Request& request) noexcept : request_(request) {}

  std::optional<std::int64_t> integer(std::string_view name, std::int64_t min, std::int64_t max);

  // Empty: it is absent.
  std::string text(std::string_view name);

  // One of these words.
  std::optional<std::string> word(std::string_view name, std::span<const std::string_view> words);

  // Notes what is wrong with a parameter, or with a header that acts as one.
  void complain(std::string_view name, Sentence what);
  bool is_fine() const noexcept { return complaints_.empty(); }

  // 400 invalid_parameters, naming every complaint: `{"detail","code","problems":[{"field","message"}]}`.
  http::Reply refusal() const;

 private:
  struct Complaint {
    std::string name{};
    Sentence what{};
  };

  const Request& request_;
  std::vector<Complaint> complaints_{};
};

}  // namespace airouterd::admin
