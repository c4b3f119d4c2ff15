#include "http/head_fields.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <utility>

#include "base/text.h"

namespace airouterd::http {
namespace {

using airouter::text::equals_ignoring_case;
using namespace std::string_view_literals;

constexpr std::array known_methods{"GET"sv, "HEAD"sv, "POST"sv, "PUT"sv, "PATCH"sv, "DELETE"sv, "OPTIONS"sv};
constexpr std::array bodiless_methods{"GET"sv, "HEAD"sv, "OPTIONS"sv};

Refusal malformed(std::string message) {
  return {400, "malformed_request", std::move(message)};
}

template <std::size_t Size>
bool contains(const std::array<std::string_view, Size>& list, std::string_view value) {
  return std::find(list.begin(), list.end(), value) != list.end();
}

bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}

bool is_letter_or_digit(char c) noexcept {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

std::string_view trim_blanks(std::string_view s) noexcept {
  while (!s.empty() && (s.front() == ' ' || s.front() == '\t'))
    s.remove_prefix(1);
  while (!s.empty() && (s.back() == ' ' || s.back() == '\t'))
    s.remove_suffix(1);
  return s;
}

// Everything a host and port can be made of. Narrower than RFC 3986: no userinfo, no percent-encoding, no
// sub-delims.
bool is_host(std::string_view s) {
  return std::all_of(s.begin(), s.end(), [](char c) {
    return is_letter_or_digit(c) || c == '.' || c == '-' || c == '_' || c == ':' || c == '[' || c == ']';
  });
}

std::size_t count(const airouter::Headers& headers, std::string_view name) {
  return static_cast<std::size_t>(std::count_if(headers.begin(), headers.end(), [&](const auto& field) {
    return equals_ignoring_case(field.first, name);
  }));
}

std::optional<Refusal> parse_version(std::string_view version, Head& head) {
  if (version.size() != 8 || !version.starts_with("HTTP/") || !is_digit(version[5]) || version[6] != '.' ||
      !is_digit(version[7])) {
    return malformed("The request line does not end in an HTTP version.");
  }
  if (version != "HTTP/1.1" && version != "HTTP/1.0") {
    return Refusal{505, "http_version_not_supported", "Only HTTP/1.1 and HTTP/1.0 are spoken here."};
  }
  head.is_http_1_0 = version == "HTTP/1.0";
  head.keep_alive = !head.is_http_1_0;
  return std::nullopt;
}

std::optional<Refusal> parse_target(std::string_view target, Head& head, std::string& authority) {
  if (target.size() > target_bytes_max)
    return Refusal{414, "uri_too_long", "The request's URL is longer than 2048 bytes."};
  const bool is_plain =
      std::all_of(target.begin(), target.end(), [](char c) { return c > 0x20 && c < 0x7f && c != '#'; });
  if (!is_plain) return malformed("The request's URL has a byte that must be percent-encoded.");
  for (const auto scheme : {"http://"sv, "https://"sv}) {
    if (!airouter::text::starts_with_ignoring_case(target, scheme)) continue;
    target.remove_prefix(scheme.size());
    const auto end = std::min(target.find_first_of("/?"), target.size());
    authority = target.substr(0, end);
    if (authority.empty() || !is_host(authority))
      return malformed("The host in the request's URL is not valid.");
    head.target = target.substr(end);
    if (head.target.empty() || head.target.front() != '/') head.target.insert(0, "/");
    return std::nullopt;
  }
  if (target.empty() || target.front() != '/') return malformed("The request's URL must begin with a slash.");
  head.target = target;
  return std::nullopt;
}

// Values of a field that is a list of tokens, each handed to `use`.
template <class Use>
void for_each_token(const airouter::Headers& headers, std::string_view name, Use use) {
  for (const auto& [field, value] : headers) {
    if (!equals_ignoring_case(field, name)) continue;
    for (std::string_view rest = value; !rest.empty();) {
      const auto end = std::min(rest.find(','), rest.size());
      use(trim_blanks(rest.substr(0, end)));
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
  }
}

std::optional<std::uint64_t> to_length(std::string_view value) {
  if (value.empty() || !std::all_of(value.begin(), value.end(), is_digit)) return std::nullopt;
  std::uint64_t length = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), length);
  if (error != std::errc{} || end != value.data() + value.size()) return std::nullopt;
  if (length > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) return std::nullopt;
  return length;
}

}  // namespace

std::optional<Refusal> parse_request_line(std::string_view line, Head& head, std::string& authority) {
  const auto first = line.find(' ');
  const auto last = line.rfind(' ');
  if (first == std::string_view::npos || first == last || line.find(' ', first + 1) != last) {
    return malformed("The request line must be a method, a URL and an HTTP version, one blank apart.");
  }
  const auto method = line.substr(0, first);
  if (!airouter::text::is_token(method)) return malformed("The request's method is not valid.");
  if (auto refusal = parse_version(line.substr(last + 1), head)) return refusal;
  if (!contains(known_methods, method))
    return Refusal{501, "method_not_implemented", "This method is not known here."};
  head.method = method;
  return parse_target(line.substr(first + 1, last - first - 1), head, authority);
}

std::optional<Refusal> parse_field(std::string_view line, airouter::Headers& headers) {
  if (line.front() == ' ' || line.front() == '\t')
    return malformed("A header field is folded over two lines.");
  const auto colon = line.find(':');
  if (colon == std::string_view::npos) return malformed("A header field has no colon.");
  const auto name = line.substr(0, colon);
  if (!airouter::text::is_token(name)) return malformed("The name of a header field is not valid.");
  const auto value = trim_blanks(line.substr(colon + 1));
  const bool is_clean = std::all_of(value.begin(), value.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte >= 0x20 && byte != 0x7f) || byte == '\t';
  });
  if (!is_clean) return malformed("The value of a header field holds a control byte.");
  headers.emplace_back(name, value);
  return std::nullopt;
}

std::optional<Refusal> check_host(Head& head, const std::string& authority) {
  const auto hosts = count(head.headers, "host");
  if (hosts > 1) return malformed("The request has more than one Host field.");
  if (hosts == 0 && !head.is_http_1_0) return malformed("The request has no Host field.");
  const auto host = airouter::find_header(head.headers, "host");
  if (!is_host(host)) return malformed("The Host field is not valid.");
  if (authority.empty()) return std::nullopt;
  if (hosts == 0) {
    head.headers.emplace_back("Host", authority);
  } else if (!equals_ignoring_case(host, authority)) {
    return malformed("The Host field and the request's URL name different hosts.");
  }
  return std::nullopt;
}

// RFC 9112, 6.3, without its leniencies: a message whose length could be read in two ways is how requests are
// smuggled.
std::optional<Refusal> read_framing(Head& head) {
  const auto lengths = count(head.headers, "content-length");
  const auto encodings = count(head.headers, "transfer-encoding");
  if (lengths > 1) return malformed("The request has more than one Content-Length field.");
  if (lengths > 0 && encodings > 0)
    return malformed("The request has both Content-Length and Transfer-Encoding.");
  if (encodings > 1) return malformed("The request has more than one Transfer-Encoding field.");
  if (encodings == 1) {
    if (head.is_http_1_0) return malformed("Transfer-Encoding does not exist in HTTP/1.0.");
    if (!equals_ignoring_case(airouter::find_header(head.headers, "transfer-encoding"), "chunked")) {
      return malformed("The only Transfer-Encoding that is understood is chunked.");
    }
    head.framing = BodyFraming::chunked;
  }
  if (lengths == 1) {
    const auto length = to_length(airouter::find_header(head.headers, "content-length"));
    if (!length) return malformed("The Content-Length field is not a number of bytes.");
    head.body_bytes = *length;
    if (*length > 0) head.framing = BodyFraming::length;
  }
  if (head.framing != BodyFraming::none && contains(bodiless_methods, head.method)) {
    return malformed("A request of this method must not have a body.");
  }
  return std::nullopt;
}

std::optional<Refusal> read_connection_fields(Head& head) {
  bool close = false, keep = false;
  for_each_token(head.headers, "connection", [&](std::string_view token) {
    close = close || equals_ignoring_case(token, "close");
    keep = keep || equals_ignoring_case(token, "keep-alive");
  });
  head.keep_alive = !close && (keep || !head.is_http_1_0);

  const auto expect = airouter::find_header(head.headers, "expect");
  if (!expect.empty()) {
    if (!equals_ignoring_case(expect, "100-continue")) {
      return Refusal{417, "expectation_failed", "The only expectation that can be met is 100-continue."};
    }
    head.expects_continue = head.framing != BodyFraming::none && !head.is_http_1_0;
  }
  if (head.framing != BodyFraming::none) {
    bool is_encoded = false;
    for_each_token(head.headers, "content-encoding", [&](std::string_view token) {
      is_encoded = is_encoded || !(token.empty() || equals_ignoring_case(token, "identity"));
    });
    if (is_encoded) {
      return Refusal{415, "unsupported_encoding",
                     "Request bodies must not be compressed: send them without Content-Encoding."};
    }
  }
  return std::nullopt;
}

}  // namespace airouterd::http
