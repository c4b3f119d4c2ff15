#include "store/log_filter.h"

#include "base/json.h"

namespace airouterd::store {
namespace {

// The longest piece of a text that stands in a line as it is, whatever is escaped around it.
std::string_view plain_piece(std::string_view text) {
  std::string_view best;
  while (!text.empty()) {
    std::size_t end = 0;
    while (end < text.size() && text[end] >= ' ' && text[end] < '\x7f' && text[end] != '"' &&
           text[end] != '\\' && text[end] != '<')
      ++end;
    if (end > best.size()) best = text.substr(0, end);
    text.remove_prefix(end == text.size() ? end : end + 1);
  }
  return best;
}

// Whether one of the line's values, not of its names, has the text in it. The line is valid JSON.
bool is_in_values(const TextFinder& finder, std::string_view line) {
  for (std::size_t at = line.find('"'); at != std::string_view::npos; at = line.find('"', at)) {
    std::size_t end = at + 1;
    bool has_escapes = false;
    for (; end < line.size() && line[end] != '"'; ++end) {
      if (line[end] != '\\') continue;
      has_escapes = true;
      ++end;
    }
    if (end >= line.size()) return false;
    const std::string_view raw = line.substr(at + 1, end - at - 1);
    const bool is_name = end + 1 < line.size() && line[end + 1] == ':';
    if (!is_name && !has_escapes && finder.is_in(raw)) return true;
    if (!is_name && has_escapes) {
      const auto parsed = airouter::json::parse(line.substr(at, end + 1 - at));
      if (parsed.value && finder.is_in(parsed.value->text)) return true;
    }
    at = end + 1;
  }
  return false;
}

}  // namespace

LogMatcher::LogMatcher(const LogFilter& filter)
    : filter_(filter), text_(filter.text), piece_(plain_piece(filter.text)), request_id_(filter.request_id) {}

bool LogMatcher::may_match(std::string_view line) const noexcept {
  const bool is_own = line.starts_with("{\"id\":");  // others may be escaped in any way
  return !is_own || (piece_.is_in(line) && request_id_.is_in(line));
}

bool LogMatcher::matches(const ScannedLine& line) const {
  const LogFilter& wanted = filter_;
  const auto fits = [](const std::string& name, std::string_view found) {
    return name.empty() || name == found;
  };
  if (line.id >= wanted.before) return false;
  if (wanted.level && line.level != *wanted.level) return false;
  if (wanted.type && line.type != *wanted.type) return false;
  if (wanted.result && line.result != *wanted.result) return false;
  if (line.status < wanted.status_min || line.status > wanted.status_max) return false;
  if (!fits(wanted.model, line.model) || !fits(wanted.provider, line.provider)) return false;
  if (!fits(wanted.key_id, line.key_id) || !fits(wanted.request_id, line.request_id)) return false;
  if (wanted.is_end && !is_end_of_request(line.type, line.result)) return false;
  return text_.is_empty() || is_in_values(text_, line.text);
}

}  // namespace airouterd::store
