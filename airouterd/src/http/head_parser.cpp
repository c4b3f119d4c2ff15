#include "http/head_parser.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "http/head_fields.h"

namespace airouterd::http {
namespace {

constexpr std::size_t request_line_bytes_max = target_bytes_max + method_bytes_max + 16;

Refusal too_large(std::string message) {
  return {431, "headers_too_large", std::move(message)};
}
Refusal target_too_long() {
  return {414, "uri_too_long", "The request's URL is longer than 2048 bytes."};
}
Refusal malformed(std::string message) {
  return {400, "malformed_request", std::move(message)};
}

// Line by line, without their ends.
std::string_view take_line(std::string_view& rest) {
  const auto end = rest.find("\r\n");
  const auto line = rest.substr(0, end);
  rest.remove_prefix(end + 2);
  return line;
}

std::optional<Refusal> parse_fields(std::string_view rest, Head& head) {
  for (auto line = take_line(rest); !line.empty(); line = take_line(rest)) {
    if (auto refusal = parse_field(line, head.headers)) return refusal;
  }
  return std::nullopt;
}

}  // namespace

// Finds the end of the head and refuses early what can never become a good one, so that nobody waits for the
// deadline.
std::optional<Refusal> HeadParser::scan(std::string_view bytes) {
  if (bytes.empty()) return std::nullopt;
  if (!airouter::text::is_token_char(bytes.front()))
    return malformed("This is not HTTP; TLS is not spoken on this port.");
  while (head_bytes_ == 0) {
    const auto end = bytes.find('\n', scanned_);
    if (end == std::string_view::npos) break;
    if (end == line_begin_ || bytes[end - 1] != '\r')
      return malformed("A line ends without a carriage return.");
    const auto line_bytes = end - 1 - line_begin_;
    if (line_bytes == 0) head_bytes_ = end + 1;
    if (lines_ == 0 && line_bytes > request_line_bytes_max) return target_too_long();
    if (++lines_ > head_fields_max + 1 && head_bytes_ == 0)
      return too_large("The request has more than 100 header fields.");
    scanned_ = line_begin_ = end + 1;
  }
  if (head_bytes_ != 0) {
    return head_bytes_ > head_bytes_max
               ? std::optional(too_large("The request's head is larger than 32 KiB."))
               : std::nullopt;
  }
  scanned_ = bytes.size();
  if (lines_ == 0 && bytes.size() > request_line_bytes_max) return target_too_long();
  if (bytes.size() >= head_bytes_max) return too_large("The request's head is larger than 32 KiB.");
  return std::nullopt;
}

HeadOutcome HeadParser::parse(std::string_view bytes) {
  // RFC 9112, 2.2: an empty line before a request is ignored; old clients send one after a body.
  std::size_t skipped = 0;
  while (skipped < 4 && bytes.substr(skipped).starts_with("\r\n"))
    skipped += 2;
  bytes.remove_prefix(skipped);
  if (bytes == "\r") return NeedsMore{};

  if (auto refusal = scan(bytes)) return *std::move(refusal);
  if (head_bytes_ == 0) return NeedsMore{};

  Head head;
  head.bytes = skipped + head_bytes_;
  auto rest = bytes.substr(0, head_bytes_);
  const auto request_line = take_line(rest);
  std::string authority;
  if (auto refusal = parse_request_line(request_line, head, authority)) return *std::move(refusal);
  if (auto refusal = parse_fields(rest, head)) return *std::move(refusal);
  if (auto refusal = check_host(head, authority)) return *std::move(refusal);
  if (auto refusal = read_framing(head)) return *std::move(refusal);
  if (auto refusal = read_connection_fields(head)) return *std::move(refusal);
  return head;
}

}  // namespace airouterd::http
