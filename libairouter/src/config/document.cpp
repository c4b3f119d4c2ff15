#include "config/document.h"

#include <algorithm>
#include <iterator>

#include "base/text.h"

namespace airouter::config {
namespace {

const json::Value* child(const json::Value& value, std::string_view token) {
  if (!value.is_array()) return value.find(text::replaced(text::replaced(token, "~1", "/"), "~0", "~"));
  const auto index = json::to_integer(token);
  const bool exists = index && *index >= 0 && static_cast<std::size_t>(*index) < value.items.size();
  return exists ? &value.items[static_cast<std::size_t>(*index)] : nullptr;
}

}  // namespace

Document::Document(std::string_view text)
    : first_byte_(text.starts_with("\xEF\xBB\xBF") ? 3 : 0),
      parsed_(json::parse(text, {.comments = true})),
      line_starts_{first_byte_} {
  for (std::size_t end = text.find('\n'); end != std::string_view::npos; end = text.find('\n', end + 1))
    line_starts_.push_back(end + 1);
}

void Document::place(ConfigProblem& problem, std::size_t offset) const {
  const auto next = std::upper_bound(line_starts_.begin() + 1, line_starts_.end(), offset);
  problem.line = static_cast<int>(std::distance(line_starts_.begin(), next));
  const std::size_t start = *std::prev(next);
  problem.column = static_cast<int>(offset < start ? 1 : offset - start + 1);
}

void Document::place(ConfigProblem& problem) const {
  if (!parsed_.value) return;
  const json::Value* found = &*parsed_.value;
  std::string_view rest = problem.where;
  while (!rest.empty()) {
    rest.remove_prefix(1);
    const std::string_view token = rest.substr(0, rest.find('/'));
    const json::Value* next = child(*found, token);
    if (next == nullptr) break;
    found = next;
    rest.remove_prefix(token.size());
  }
  place(problem, found->span.begin);
}

}  // namespace airouter::config
