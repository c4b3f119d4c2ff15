#include "config/findings.h"

#include <algorithm>
#include <tuple>

#include "base/limits.h"
#include "base/text.h"

namespace airouter::config {
namespace {

// Bounds the report on a file of megabytes in which everything is wrong.
constexpr std::size_t problems_max = 1000;
constexpr std::size_t problem_bytes_max = 1 * limits::mebibyte;

// Whether `inner` is `outer` or lies in it.
bool lies_in(std::string_view inner, std::string_view outer) {
  return inner.starts_with(outer) && (inner.size() == outer.size() || inner[outer.size()] == '/');
}

}  // namespace

std::string pointer_token(std::string_view name) {
  return text::replaced(text::replaced(name, "~", "~0"), "/", "~1");
}

bool Findings::is_full() const noexcept {
  return problems_.size() >= problems_max || bytes_ >= problem_bytes_max;
}

ConfigProblem* Findings::note(std::string message, bool is_fatal) {
  if (is_full()) {
    ++left_out_;
    left_out_fatal_ |= is_fatal;
    return nullptr;
  }
  add({.where = pointer_, .message = std::move(message), .fatal = is_fatal});
  return &problems_.back();
}

void Findings::add(ConfigProblem problem) {
  if (is_full()) {
    ++left_out_;
    left_out_fatal_ |= problem.fatal;
    return;
  }
  bytes_ += problem.where.size() + problem.message.size();
  problems_.push_back(std::move(problem));
}

bool Findings::is_spoiled(std::string_view pointer) const {
  return std::any_of(problems_.begin(), problems_.end(), [&](const ConfigProblem& problem) {
    return problem.where == pointer ||
           (problem.fatal && (lies_in(problem.where, pointer) || lies_in(pointer, problem.where)));
  });
}

void Findings::place_all(const Document& document) {
  for (ConfigProblem& problem : problems_)
    if (problem.line == 0) document.place(problem);
}

std::vector<ConfigProblem> Findings::take() {
  std::stable_sort(problems_.begin(), problems_.end(), [](const ConfigProblem& a, const ConfigProblem& b) {
    return std::tie(a.line, a.column) < std::tie(b.line, b.column);
  });
  if (left_out_ > 0)
    problems_.push_back({.message = "and " + std::to_string(left_out_) + " more", .fatal = left_out_fatal_});
  left_out_ = 0;
  bytes_ = 0;
  return std::exchange(problems_, {});
}

}  // namespace airouter::config
