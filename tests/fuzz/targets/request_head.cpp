// What a client sends on a connection, up to its first head. Claims:
// - however the bytes arrive, the outcome is the same, and it does not depend on what follows the head;
// - an accepted head is one that no reader of HTTP/1.1 understands differently: CRLF alone ends its lines, no
//   control byte stands in it, every line has a name right before its colon, one Host at most;
// - exactly one framing: no Content-Length beside Transfer-Encoding, one of each at most, a length of digits,
//   `chunked` alone;
// - bounds hold, and the target is an absolute path of visible characters;
// - a refusal is an error's status and repeats no control byte;
// - a normalised path stays itself when it is normalised again, and only endpoints of /v1 move.
#include <algorithm>

#include "base/text.h"
#include "fuzz.h"
#include "http/head_parser.h"
#include "http/normalise_path.h"

using namespace airouterd::http;
using airouter::text::equals_ignoring_case;
using airouter::text::lower;

namespace {

struct Line {
  std::string name{}, value{};  // the name in lower case
};

std::string shown(const HeadOutcome& outcome) {
  if (const auto* refusal = std::get_if<Refusal>(&outcome))
    return std::to_string(refusal->status) + " " + refusal->message;
  const auto* head = std::get_if<Head>(&outcome);
  if (head == nullptr) return "needs more";
  std::string text = head->method + " " + head->target + (head->is_http_1_0 ? " 1.0" : " 1.1");
  for (const auto& [name, value] : head->headers)
    text.append("\n").append(name).append(": ").append(value);
  text += "\nframing " + std::to_string(static_cast<int>(head->framing)) + ", body " +
          std::to_string(head->body_bytes) + ", head " + std::to_string(head->bytes);
  return text + (head->keep_alive ? ", keep" : ", close") + (head->expects_continue ? ", expects" : "");
}

HeadOutcome parse_in_pieces(std::string_view bytes, int way) {
  HeadParser parser;
  HeadOutcome outcome = NeedsMore{};
  std::size_t fed = 0;
  for (const std::string_view piece : fuzz::cut(bytes, way)) {
    fed += piece.size();
    outcome = parser.parse(bytes.substr(0, fed));
    if (!std::holds_alternative<NeedsMore>(outcome)) break;
  }
  return outcome;
}

// The head's field lines, checked byte by byte.
std::vector<Line> read_lines(std::string_view raw, std::string& request_line) {
  while (raw.starts_with("\r\n"))
    raw.remove_prefix(2);
  fuzz::claim(raw.find("\r\n\r\n") + 4 == raw.size(), "a head ends with its first empty line", raw);
  raw.remove_suffix(2);
  std::vector<Line> lines;
  for (bool is_first = true; !raw.empty(); is_first = false) {
    const std::size_t end = raw.find("\r\n");
    const std::string_view line = raw.substr(0, end);
    raw.remove_prefix(end + 2);
    for (const char c : line)
      fuzz::claim((static_cast<unsigned char>(c) >= 0x20 && c != 0x7F) || (c == '\t' && !is_first),
                  "no control byte is accepted", line);
    if (is_first) {
      request_line = line;
      continue;
    }
    const std::size_t colon = line.find(':');
    fuzz::claim(colon != line.npos && colon > 0, "a field has a name", line);
    const std::string_view name = line.substr(0, colon);
    const bool is_clean = name.find_first_of(" \t\"(),/;<=>?@[\\]{}") == name.npos &&
                          std::all_of(name.begin(), name.end(), [](char c) { return c > 0x20; });
    fuzz::claim(is_clean, "a name is a token", line);
    lines.push_back({lower(name), std::string(airouter::text::trim(line.substr(colon + 1)))});
  }
  return lines;
}

std::vector<std::string> values_of(const std::vector<Line>& lines, std::string_view name) {
  std::vector<std::string> values;
  for (const Line& line : lines)
    if (line.name == name) values.push_back(line.value);
  return values;
}

void check_framing(const Head& head, const std::vector<Line>& lines) {
  const auto lengths = values_of(lines, "content-length"), codings = values_of(lines, "transfer-encoding");
  fuzz::claim(lengths.size() + codings.size() <= 1, "a body is framed in one way", shown(HeadOutcome(head)));
  BodyFraming expected = BodyFraming::none;
  std::uint64_t length = 0;
  if (!codings.empty()) {
    expected = BodyFraming::chunked;
    fuzz::claim(lower(codings[0]) == "chunked" && !head.is_http_1_0, "the only coding is chunked",
                codings[0]);
  }
  if (!lengths.empty()) {
    fuzz::claim(!lengths[0].empty() && lengths[0].find_first_not_of("0123456789") == std::string::npos,
                "a length is digits", lengths[0]);
    const std::size_t zeros = std::min(lengths[0].find_first_not_of('0'), lengths[0].size());
    fuzz::claim(lengths[0].size() - zeros <= 19, "a length fits", lengths[0]);
    length = std::stoull(lengths[0]);
    if (length > 0) expected = BodyFraming::length;
  }
  fuzz::claim(head.framing == expected && head.body_bytes == length, "the framing is the one that is told");
  const bool may_have_body = head.method != "GET" && head.method != "HEAD" && head.method != "OPTIONS";
  fuzz::claim(may_have_body || expected == BodyFraming::none, "a GET has no body");
  fuzz::claim(!head.expects_continue || expected != BodyFraming::none, "who waits has a body");
}

void check_head(std::string_view bytes, const Head& head) {
  fuzz::claim(head.bytes <= bytes.size() && head.bytes <= head_bytes_max + 4, "a head is bounded");
  std::string request_line;
  const std::vector<Line> lines = read_lines(bytes.substr(0, head.bytes), request_line);
  fuzz::claim(lines.size() <= head_fields_max, "fields are bounded");

  const auto words = fuzz::words_of(request_line);
  fuzz::claim(words.size() == 3 && std::count(request_line.begin(), request_line.end(), ' ') == 2,
              "a request line is three words", request_line);
  fuzz::claim(words[0] == head.method, "the method is the first");
  fuzz::claim(words[2] == (head.is_http_1_0 ? "HTTP/1.0" : "HTTP/1.1"), "the version is the last");
  fuzz::claim(words[1].ends_with(head.target) || head.target == "/" || words[1].find('?') != words[1].npos,
              "the target is a part of the second", head.target);
  fuzz::claim(head.target.starts_with('/') && head.target.size() <= target_bytes_max, "a target is a path");

  const auto hosts = values_of(lines, "host");
  fuzz::claim(hosts.size() <= 1 && (hosts.size() == 1 || head.is_http_1_0), "one host is asked");
  fuzz::claim(head.headers.size() >= lines.size(), "no field is lost");
  for (std::size_t i = 0; i < lines.size(); ++i)
    fuzz::claim(equals_ignoring_case(head.headers[i].first, lines[i].name) &&
                    head.headers[i].second == lines[i].value,
                "fields come as sent", lines[i].name);
  check_framing(head, lines);
}

void check_path(std::string_view path) {
  const std::string once = normalise_path(path);
  fuzz::claim(normalise_path(once) == once, "normalising is done once", once);
  const bool has_dots =
      once.find("/.") != once.npos || lower(once).find("%2e") != std::string::npos || once.starts_with('.');
  if (has_dots) return;
  fuzz::claim(once.starts_with('/') && once.find("//") == once.npos, "segments are not empty", once);
  fuzz::claim(once.size() == 1 || !once.ends_with('/'), "no slash stands at the end", once);
  std::string plain = "/" + std::string(path);
  for (std::size_t at = plain.find("//"); at != std::string::npos; at = plain.find("//"))
    plain.erase(at, 1);
  if (plain.size() > 1 && plain.ends_with('/')) plain.pop_back();
  const bool is_moved = once != plain;
  const std::string_view tail = std::string_view(once).substr(std::min<std::size_t>(3, once.size()));
  fuzz::claim(!is_moved || (once.starts_with("/v1/") && plain.ends_with(tail)), "only endpoints move", once);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes = fuzz::text_of(data, size);
  const HeadOutcome whole = parse_in_pieces(bytes, 0);
  for (int way = 1; way < fuzz::ways_to_cut; ++way) {
    const HeadOutcome pieces = parse_in_pieces(bytes, way);
    fuzz::claim(shown(pieces) == shown(whole), "cutting the head changes nothing",
                shown(whole) + "\nbut in pieces\n" + shown(pieces));
  }
  if (const auto* refusal = std::get_if<Refusal>(&whole)) {
    fuzz::claim(refusal->status >= 400 && refusal->status <= 599, "a refusal is an error");
    fuzz::claim(airouter::text::printable(refusal->message) == refusal->message, "a refusal is plain text");
  }
  if (const auto* head = std::get_if<Head>(&whole)) {
    check_head(bytes, *head);
    const std::string followed = std::string(bytes.substr(0, head->bytes)) + "GET /other HTTP/1.1\r\n\r\n";
    fuzz::claim(shown(parse_in_pieces(followed, 0)) == shown(whole), "what follows changes nothing");
    check_path(std::string_view(head->target).substr(0, head->target.find('?')));
  }
  check_path(bytes.substr(0, bytes.find('\n')));
  return 0;
}
