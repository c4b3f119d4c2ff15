#include "transport/request_lines.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace airouter {

std::string_view find_header(const Headers& headers, std::string_view name) noexcept {
  for (const auto& [key, value] : headers)
    if (text::equals_ignoring_case(key, name)) return value;
  return {};
}

}  // namespace airouter

namespace airouter::transport {
namespace {

constexpr std::array<std::string_view, 8> framing_fields{
    "connection", "content-length", "expect", "host", "keep-alive", "te", "transfer-encoding", "upgrade"};

bool is_framing_field(std::string_view name) {
  return std::any_of(framing_fields.begin(), framing_fields.end(),
                     [&](std::string_view field) { return text::equals_ignoring_case(field, name); });
}

// libcurl's spelling: "Name: value"; "Name;" is a field with an empty value, "Name:" takes its own away.
std::string line_of(std::string_view name, std::string_view value) {
  std::string line(name);
  if (value.empty()) return line += ';';
  line += ": ";
  return line += value;
}

}  // namespace

bool is_field_value(std::string_view value) noexcept {
  return std::all_of(value.begin(), value.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte >= 0x20 && byte != 0x7f) || c == '\t';
  });
}

std::vector<std::string> request_lines(const HttpRequest& request) {
  std::vector<std::string> lines;
  lines.reserve(request.headers.size() + 2);
  bool has_content_type = false;
  for (const auto& [name, value] : request.headers) {
    if (!text::is_token(name) || !is_field_value(value) || is_framing_field(name)) continue;
    has_content_type = has_content_type || text::equals_ignoring_case(name, "content-type");
    lines.push_back(line_of(name, text::trim(value)));
  }
  lines.emplace_back("Expect:");
  if (!has_content_type) lines.emplace_back("Content-Type:");
  return lines;
}

}  // namespace airouter::transport
