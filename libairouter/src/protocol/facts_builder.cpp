#include "protocol/facts_builder.h"

#include <algorithm>
#include <utility>

#include "base/text.h"

namespace airouter::protocol {
namespace {

// Enough for every phrase that is looked for; what lies beyond is read by nobody.
constexpr std::size_t text_bytes_max = 4 * limits::kibibyte;
constexpr std::size_t path_bytes_max = 40;

bool says_something(const Leaf& leaf) {
  switch (leaf.kind) {
    case json::Kind::string:
      return !leaf.text.empty();
    case json::Kind::number:
      return leaf.text != "0";
    case json::Kind::boolean:
      return leaf.boolean;
    default:
      return false;
  }
}

int error_status(std::string_view text) {
  const std::optional<std::int64_t> number = json::to_integer(text);
  return number && *number >= 400 && *number <= 599 ? static_cast<int>(*number) : 0;
}

bool is_number(std::string_view text) {
  return json::to_integer(text).has_value();
}

}  // namespace

// Where each fact may stand.
const FactsBuilder::Slot FactsBuilder::slots[] = {
    {"error", &FactsBuilder::error_text_},
    {"error.code", &FactsBuilder::error_code_},
    {"error.type", &FactsBuilder::error_type_},
    {"error.status", &FactsBuilder::error_status_},
    {"error.status_code", &FactsBuilder::error_status_},
    {"error.http_status", &FactsBuilder::error_status_},
    {"error.message", &FactsBuilder::error_message_},
    {"error.msg", &FactsBuilder::error_message_},
    {"error.message.detail[].msg", &FactsBuilder::error_message_},
    {"error.details[].reason", &FactsBuilder::error_reason_},
    {"error.param", &FactsBuilder::param_},
    {"object", &FactsBuilder::object_},
    {"param", &FactsBuilder::param_},
    {"code", &FactsBuilder::code_},
    {"error_code", &FactsBuilder::code_},
    {"errors[].code", &FactsBuilder::code_},
    {"type", &FactsBuilder::type_},
    {"status", &FactsBuilder::status_},
    {"statusCode", &FactsBuilder::status_},
    {"status_code", &FactsBuilder::status_},
    {"message", &FactsBuilder::message_},
    {"msg", &FactsBuilder::message_},
    {"error_msg", &FactsBuilder::message_},
    {"errors[].message", &FactsBuilder::message_},
    {"message.detail[].msg", &FactsBuilder::message_},
    {"detail", &FactsBuilder::detail_},
    {"detail[].msg", &FactsBuilder::detail_},
    {"detail.message", &FactsBuilder::detail_},
    {"detail.error", &FactsBuilder::detail_},
};

void FactsBuilder::add(std::string_view path, const Leaf& leaf) {
  if (path == "success" && leaf.kind == json::Kind::boolean && !leaf.boolean) said_failure_ = true;
  if (!says_something(leaf)) return;
  if (path == "error" || path.starts_with("error.") || path.starts_with("error[")) said_error_ = true;
  if (path.starts_with("error.metadata.flagged_input") || path.starts_with("error.metadata.reasons[]"))
    is_moderation_ = true;
  if (leaf.kind == json::Kind::boolean || path.size() > path_bytes_max) return;
  for (const Slot& slot : slots) {
    if (slot.path != path) continue;
    std::string& text = this->*slot.member;
    if (text.empty())
      text = text::shortened(text::valid_utf8(leaf.text.substr(0, text_bytes_max)), text_bytes_max);
    return;
  }
}

ErrorFacts FactsBuilder::build(bool has_choices) && {
  const bool is_bare = !has_choices && !tells_of_success() && !(message_.empty() && detail_.empty());
  if (!said_error_ && !said_failure_ && object_ != "error" && !is_bare) return {};
  ErrorFacts facts = said_error_ ? from_error_member() : from_top_level();
  facts.is_error = true;
  facts.is_moderation = is_moderation_;
  facts.param = std::move(param_);
  return facts;
}

// Some gateways wrap everything, successes too, in {"code":0,"message":"success","data":…}.
bool FactsBuilder::tells_of_success() const {
  return code_ == "200" || (code_.empty() && text::equals_ignoring_case(message_, "success"));
}

ErrorFacts FactsBuilder::from_error_member() {
  ErrorFacts facts;
  facts.code = std::move(error_code_);
  facts.type = std::move(error_type_);
  facts.message = std::move(error_message_);
  if (facts.code.empty()) facts.code = std::move(code_);
  if (!error_text_.empty()) {
    // {"error":"Not Found"} is a message, {"error":"invalid_api_key","message":…} a code.
    const bool has_message = !message_.empty();
    std::string& place = has_message && facts.code.empty() ? facts.code : facts.message;
    place = std::move(error_text_);
  }
  if (facts.message.empty()) facts.message = std::move(message_);
  if (facts.message.empty()) facts.message = std::move(detail_);

  for (const std::string* text : {&facts.code, &error_status_, &status_})
    if (facts.status == 0) facts.status = error_status(*text);
  // Google's code is the status again, and its status is the type; the real code is in the details.
  if (facts.type.empty() && !is_number(error_status_)) facts.type = std::move(error_status_);
  if (!error_reason_.empty() && (facts.code.empty() || is_number(facts.code)))
    facts.code = std::move(error_reason_);
  return facts;
}

ErrorFacts FactsBuilder::from_top_level() {
  ErrorFacts facts;
  facts.code = std::move(code_);
  facts.type = std::move(type_);
  facts.message = std::move(message_.empty() ? detail_ : message_);
  facts.status = std::max(error_status(facts.code), error_status(status_));
  return facts;
}

}  // namespace airouter::protocol
