#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "admin/request.h"
#include "base/json.h"
#include "http/message.h"

namespace airouterd::admin {

// 415 if the request has a body that does not say that it is JSON: no page can send one that does unasked.
std::optional<http::Reply> refuse_other_type(const Request& request);

// The JSON object that a request brings. Each getter answers nothing for a field that is absent or wrong, and
// notes what is wrong, so that one answer names it all. Used by one thread.
class Body {
 public:
  // The largest config there is, and some.
  static constexpr std::size_t bytes_max = std::size_t{16} << 20;

  // Reads it whole. Nothing: `refusal` says why (413, 415, 400).
  static std::optional<Body> read(Request& request, http::Reply& refusal, std::size_t most = bytes_max);

  // Reads a body that is one value and no object, as if it were the member `name` of one.
  static std::optional<Body> read_bare(Request& request, http::Reply& refusal, std::string_view name);

  bool has(std::string_view field) const;

  // The field as it was sent; null if it is absent. The field counts as known from now on.
  const airouter::json::Value* field(std::string_view name);

  std::optional<std::string> text(std::string_view name);
  std::optional<std::int64_t> integer(std::string_view name, std::int64_t min, std::int64_t max);
  std::optional<double> number(std::string_view name, double min, double max);
  std::optional<bool> boolean(std::string_view name);
  std::optional<std::vector<std::string>> texts(std::string_view name);

  // Notes it if a field is absent.
  void require(std::string_view name);

  // Notes each field that nobody has asked for.
  void refuse_others();

  void complain(std::string_view field, Sentence what);
  bool is_fine() const noexcept { return complaints_.empty(); }
  bool complains_of(std::string_view field) const;

  // Whether a complaint is about the field, or about something that it lies in: "models" has "models/0".
  bool has_complaint_around(std::string_view field) const;

  // 400 invalid_fields, naming every complaint: `{"detail","code","problems":[{"field","message"}]}`.
  http::Reply refusal(const Request& request) const;

  // The bytes that were sent; all of them, and those of a value within.
  const std::string& json() const noexcept { return json_; }
  std::string_view bytes_of(const airouter::json::Value& value) const noexcept;

  // Complains if a value of this field holds what no file can: half of a character that takes two escapes.
  bool refuse_half_characters(std::string_view field, const airouter::json::Value& value);

 private:
  struct Complaint {
    std::string field{};
    Sentence what{};
  };

  std::string json_{};
  airouter::json::Value root_{};
  std::set<std::string, std::less<>> known_{};
  std::vector<Complaint> complaints_{};
};

}  // namespace airouterd::admin
