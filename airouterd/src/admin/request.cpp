#include "admin/request.h"

#include <algorithm>

#include "base/json.h"
#include "base/text.h"

namespace airouterd::admin {
namespace {

using airouter::text::starts_with_ignoring_case;
using airouter::text::trim;

// The weight of a language in Accept-Language (RFC 9110, 12.5.4); 0 if it is not there.
double weight_of(std::string_view list, std::string_view language) {
  double best = 0;
  while (!list.empty()) {
    const auto end = std::min(list.find(','), list.size());
    const std::string_view entry = trim(list.substr(0, end));
    list.remove_prefix(std::min(end + 1, list.size()));
    if (!starts_with_ignoring_case(entry, language)) continue;
    const auto quality = entry.find("q=");
    const auto weight = quality == std::string_view::npos
                            ? std::optional(1.0)
                            : airouter::json::to_double(trim(entry.substr(quality + 2)));
    best = std::max(best, weight.value_or(0));
  }
  return best;
}

std::string form_decoded(std::string_view text) {
  std::string with_blanks(text);
  std::replace(with_blanks.begin(), with_blanks.end(), '+', ' ');
  return airouter::text::percent_decoded(with_blanks);
}

}  // namespace

Request::Request(http::Request& request, std::string_view name, const airouter::Config& routing)
    : http_(request),
      name_(airouter::text::percent_decoded(name)),
      routing_(routing),
      prefers_chinese_(weight_of(request.header("accept-language"), "zh") >
                       weight_of(request.header("accept-language"), "en")) {}

std::optional<std::string> Request::parameter(std::string_view key) const {
  std::optional<std::string> found;
  std::string_view query = http_.query;
  while (!query.empty()) {
    const auto end = std::min(query.find('&'), query.size());
    const std::string_view pair = query.substr(0, end);
    query.remove_prefix(std::min(end + 1, query.size()));
    const auto equals = std::min(pair.find('='), pair.size());
    if (form_decoded(pair.substr(0, equals)) == key)
      found = form_decoded(pair.substr(std::min(equals + 1, pair.size())));
  }
  return found;
}

const std::string& Request::in_language(const Sentence& sentence) const noexcept {
  return prefers_chinese_ && !sentence.chinese.empty() ? sentence.chinese : sentence.english;
}

}  // namespace airouterd::admin
