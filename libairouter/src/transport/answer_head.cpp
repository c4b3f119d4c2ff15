#include "transport/answer_head.h"

#include <algorithm>

#include "base/limits.h"
#include "base/text.h"
#include "transport/request_lines.h"

namespace airouter::transport {
namespace {

constexpr std::size_t length_digits_max = 18;  // fits 63 bits

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_all_digits(std::string_view s) {
  return !s.empty() && std::all_of(s.begin(), s.end(), is_digit);
}

std::string_view without_line_end(std::string_view line) {
  if (!line.empty() && line.back() == '\n') line.remove_suffix(1);
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  return line;
}

// "HTTP/1.1 200 OK" to 200; 0 if it is none.
int status_of(std::string_view line) {
  constexpr std::string_view version = "HTTP/1.";
  constexpr std::size_t code_at = 9, code_end = 12;
  if (line.size() < code_end || line.substr(0, version.size()) != version) return 0;
  const std::string_view code = line.substr(code_at, code_end - code_at);
  if (!is_digit(line[version.size()]) || line[code_at - 1] != ' ' || !is_all_digits(code)) return 0;
  if (line.size() > code_end && line[code_end] != ' ') return 0;
  return (code[0] - '0') * 100 + (code[1] - '0') * 10 + (code[2] - '0');
}

}  // namespace

AnswerHead::Verdict AnswerHead::add_line(std::string_view line) {
  if (refusal_ != Verdict::more) return refusal_;
  const Verdict verdict = judge_line(line);
  if (verdict == Verdict::too_large || verdict == Verdict::malformed) refusal_ = verdict;
  return verdict;
}

AnswerHead::Verdict AnswerHead::judge_line(std::string_view line) {
  bytes_ += line.size();
  line = without_line_end(line);
  if (!line.empty()) ++lines_;
  if (bytes_ > limits::answer_head_bytes_max || lines_ > limits::answer_head_fields_max)
    return Verdict::too_large;
  if (complete_) return Verdict::complete;  // a trailer: counted, otherwise ignored
  if (!started_) return start(line);
  return line.empty() ? finish() : add_field(line);
}

AnswerHead::Verdict AnswerHead::start(std::string_view status_line) {
  head_.status = status_of(status_line);
  started_ = true;
  // Nobody asked to switch protocols: what would follow is no HTTP.
  constexpr int switching_protocols = 101;
  return head_.status < 100 || head_.status == switching_protocols ? Verdict::malformed : Verdict::more;
}

AnswerHead::Verdict AnswerHead::add_field(std::string_view line) {
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) return Verdict::malformed;
  const std::string_view name = line.substr(0, colon), value = text::trim(line.substr(colon + 1));
  // A folded line fails here, too: its name would begin with a blank.
  if (!text::is_token(name) || !is_field_value(value)) return Verdict::malformed;
  if (!note_framing(name, value)) return Verdict::malformed;
  head_.headers.emplace_back(name, value);
  return Verdict::more;
}

bool AnswerHead::note_framing(std::string_view name, std::string_view value) {
  if (text::equals_ignoring_case(name, "content-length")) {
    if (!is_all_digits(value) || value.size() > length_digits_max) return false;
    if (length_ && *length_ != value) return false;
    length_ = value;
  } else if (text::equals_ignoring_case(name, "transfer-encoding")) {
    if (chunked_ || !text::equals_ignoring_case(value, "chunked")) return false;
    chunked_ = true;
  } else if (text::equals_ignoring_case(name, "content-encoding")) {
    // Compression is never asked for, so this is a bomb or garbage to whoever reads it.
    return value.empty() || text::equals_ignoring_case(value, "identity");
  }
  return true;
}

AnswerHead::Verdict AnswerHead::finish() {
  constexpr int first_final_status = 200;
  if (head_.status >= first_final_status) {
    complete_ = true;
    return Verdict::complete;
  }
  head_ = {};
  length_.reset();
  chunked_ = started_ = false;
  return Verdict::more;
}

}  // namespace airouter::transport
