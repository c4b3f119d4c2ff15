#include "protocol/body_scan.h"

namespace airouter::protocol {
namespace {

constexpr std::string_view in_array = "[].";

// Duplicates of `model` are all rewritten, within reason: of more than this, the last one is, which parsers
// keep.
constexpr std::size_t model_places_max = 64;

// Beyond 2^53 even a number is none that was counted.
std::optional<std::int64_t> token_count(std::string_view number) {
  constexpr double count_max = 9007199254740992.0;
  const std::optional<double> value = json::to_double(number);
  if (!value || *value < 0 || *value > count_max) return std::nullopt;
  return static_cast<std::int64_t>(*value);
}

std::int64_t* usage_member(std::string_view path, std::optional<Usage>& usage) {
  const bool is_input = path == "usage.prompt_tokens" || path == "usage.input_tokens";
  const bool is_output = path == "usage.completion_tokens" || path == "usage.output_tokens";
  if (!is_input && !is_output) return nullptr;
  if (!usage) usage.emplace();
  return is_input ? &usage->input_tokens : &usage->output_tokens;
}

}  // namespace

void BodyScan::found_leaf(const Leaf& leaf) {
  const std::string_view place = path();
  if (place == "model") {
    if (leaf.kind != json::Kind::string) return;
    if (model_places_.size() == model_places_max) model_places_.pop_back();
    model_places_.push_back(leaf.span);
    return;
  }
  if (leaf.kind == json::Kind::number && place.starts_with("usage.")) {
    const std::optional<std::int64_t> count = token_count(leaf.text);
    if (!count) return;
    if (std::int64_t* member = usage_member(place, usage_)) *member = *count;
    return;
  }
  if (place.starts_with("choices")) return;
  facts_.add(place.starts_with(in_array) ? place.substr(in_array.size()) : place, leaf);
}

void BodyScan::found_open(json::Kind kind, std::size_t) {
  if (kind != json::Kind::object) return;
  if (path().empty()) is_object_ = true;
  if (path() == "choices[]") has_choices_ = true;
}

}  // namespace airouter::protocol
