#include "http/reply_text.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/text.h"
#include "http/reason_phrase.h"

namespace airouterd::http {
namespace {

using namespace std::string_view_literals;

constexpr std::array framing_fields{"content-length"sv, "transfer-encoding"sv, "connection"sv,
                                    "keep-alive"sv};

std::string status_line(int status) {
  std::string line = "HTTP/1.1 ";
  line.append(std::to_string(status)).append(" ").append(reason_phrase(status)).append("\r\n");
  return line;
}

bool ends_line(char c) {
  return c == '\r' || c == '\n' || c == '\0';
}

void append_fields(std::string& text, const Headers& headers) {
  for (const auto& [name, value] : headers)
    if (may_be_sent(name, value)) text.append(name).append(": ").append(value).append("\r\n");
}

// Of a head's first line; 0: it is none.
int status_of(std::string_view head) {
  constexpr auto version = "HTTP/1.1 "sv;
  if (!head.starts_with(version) || head.size() < version.size() + 3) return 0;
  const char* const digits = head.data() + version.size();
  int status = 0;
  return std::from_chars(digits, digits + 3, status).ec == std::errc{} ? status : 0;
}

bool is_body_framing(std::string_view line) {
  return airouter::text::starts_with_ignoring_case(line, "content-length:") ||
         airouter::text::starts_with_ignoring_case(line, "transfer-encoding:");
}

}  // namespace

bool may_be_sent(const std::string& name, const std::string& value) {
  if (!airouter::text::is_token(name)) return false;
  if (std::any_of(value.begin(), value.end(), ends_line)) return false;
  return std::none_of(framing_fields.begin(), framing_fields.end(), [&](std::string_view field) {
    return airouter::text::equals_ignoring_case(field, name);
  });
}

std::string closing_reply_text(const Reply& reply) {
  auto text = status_line(reply.status);
  append_fields(text, reply.headers);
  text += "content-length: " + std::to_string(reply.body.size()) + "\r\nconnection: close\r\n\r\n";
  return text + reply.body;
}

std::string reply_head(const Reply& reply, std::string_view connection_field, std::string_view library_head) {
  const int status = status_of(library_head);
  const auto first_end = library_head.find("\r\n");
  if (status == 0 || first_end == std::string_view::npos) return std::string(library_head);
  std::string text = status_line(status);
  auto lines = library_head.substr(first_end + 2);
  if (status != reply.status) return text.append(lines);
  append_fields(text, reply.headers);
  for (auto end = lines.find("\r\n"); end != std::string_view::npos && end > 0; end = lines.find("\r\n")) {
    const auto line = lines.substr(0, end + 2);
    if (is_body_framing(line)) text.append(line);
    lines.remove_prefix(line.size());
  }
  if (!connection_field.empty()) text.append("Connection: ").append(connection_field).append("\r\n");
  return text.append("\r\n");
}

}  // namespace airouterd::http
