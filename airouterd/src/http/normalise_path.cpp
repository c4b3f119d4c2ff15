#include "http/normalise_path.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace airouterd::http {
namespace {

using namespace std::string_view_literals;

enum class Reach { itself, below, both };

struct Endpoint {
  std::string_view name;
  Reach reach;
};

// What follows /v1 in OpenAI's API. Families that are not offered are listed, too: their clients get an
// answer that names the endpoint.
constexpr std::array endpoints{
    Endpoint{"chat/completions", Reach::both},
    Endpoint{"completions", Reach::itself},
    Endpoint{"embeddings", Reach::itself},
    Endpoint{"models", Reach::both},
    Endpoint{"responses", Reach::both},
    Endpoint{"images", Reach::below},
    Endpoint{"audio", Reach::below},
    Endpoint{"moderations", Reach::itself},
    Endpoint{"files", Reach::both},
    Endpoint{"batches", Reach::both},
    Endpoint{"uploads", Reach::both},
    Endpoint{"fine_tuning", Reach::below},
    Endpoint{"assistants", Reach::both},
    Endpoint{"threads", Reach::both},
    Endpoint{"vector_stores", Reach::both},
};

constexpr std::array prefixes{"/v1"sv, "/openai"sv, "/api"sv};

bool is_endpoint(std::string_view tail) {
  return std::any_of(endpoints.begin(), endpoints.end(), [&](const Endpoint& endpoint) {
    if (!tail.starts_with(endpoint.name)) return false;
    const auto rest = tail.substr(endpoint.name.size());
    if (rest.empty()) return endpoint.reach != Reach::below;
    return endpoint.reach != Reach::itself && rest.size() > 1 && rest.front() == '/';
  });
}

bool is_dot_segment(std::string_view segment) {
  int dots = 0;
  while (!segment.empty()) {
    if (segment.front() == '.') {
      segment.remove_prefix(1);
    } else if (airouter::text::starts_with_ignoring_case(segment, "%2e")) {
      segment.remove_prefix(3);
    } else {
      return false;
    }
    ++dots;
  }
  return dots == 1 || dots == 2;
}

bool has_dot_segment(std::string_view path) {
  while (!path.empty()) {
    const auto end = std::min(path.find('/'), path.size());
    if (is_dot_segment(path.substr(0, end))) return true;
    path.remove_prefix(std::min(end + 1, path.size()));
  }
  return false;
}

std::string without_empty_segments(std::string_view path) {
  std::string result;
  result.reserve(path.size() + 1);
  if (path.empty() || path.front() != '/') result += '/';
  for (const char c : path) {
    if (c != '/' || result.empty() || result.back() != '/') result += c;
  }
  if (result.size() > 1 && result.back() == '/') result.pop_back();
  return result;
}

// `path` without one of the prefixes at its start, or empty.
std::string_view without_prefix(std::string_view path) {
  for (const auto prefix : prefixes) {
    if (path.starts_with(prefix) && path.size() > prefix.size() && path[prefix.size()] == '/') {
      return path.substr(prefix.size());
    }
  }
  return {};
}

}  // namespace

std::string normalise_path(std::string_view path) {
  if (has_dot_segment(path)) return std::string(path);
  auto result = without_empty_segments(path);
  for (std::string_view rest = result; !rest.empty(); rest = without_prefix(rest)) {
    if (is_endpoint(rest.substr(1))) return "/v1" + std::string(rest);
  }
  return result;
}

}  // namespace airouterd::http
