#include "http/reply_text.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/text.h"
#include "http/head_fields.h"
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

}  // namespace

bool may_be_sent(const std::string& name, const std::string& value) {
  if (name.empty() || !std::all_of(name.begin(), name.end(), is_token_char)) return false;
  if (value.find_first_of("\r\n\0"sv) != std::string::npos) return false;
  return std::none_of(framing_fields.begin(), framing_fields.end(), [&](std::string_view field) {
    return airouter::text::equals_ignoring_case(field, name);
  });
}

std::string closing_reply_text(const Reply& reply) {
  auto text = status_line(reply.status);
  for (const auto& [name, value] : reply.headers) {
    if (may_be_sent(name, value)) text.append(name).append(": ").append(value).append("\r\n");
  }
  text += "content-length: " + std::to_string(reply.body.size()) + "\r\nconnection: close\r\n\r\n";
  return text + reply.body;
}

std::string with_reason_phrase(std::string_view head) {
  constexpr auto version = "HTTP/1.1 "sv;
  const auto end = head.find("\r\n");
  int status = 0;
  if (!head.starts_with(version) || end == std::string_view::npos || head.size() < version.size() + 3 ||
      std::from_chars(head.data() + version.size(), head.data() + version.size() + 3, status).ec !=
          std::errc{}) {
    return std::string(head);
  }
  return status_line(status).append(head.substr(end + 2));
}

}  // namespace airouterd::http
