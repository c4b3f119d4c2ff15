#include "protocol/sse_splitter.h"

#include "base/json.h"
#include "base/limits.h"
#include "base/text.h"

namespace airouter::protocol {
namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
constexpr std::size_t field_name_bytes_max = 5;  // of "event", the longest name that matters
constexpr std::size_t event_name_bytes_max = 32;

// Memory that an event may leave behind for the next one.
constexpr std::size_t kept_bytes_max = 64 * limits::kibibyte;

bool is_json(std::string_view text) {
  json::Handler nothing;
  return !json::scan(text, nothing);
}

}  // namespace

void SseSplitter::feed(std::string_view bytes) {
  if (overflowed_ || finished_) return;
  if (at_ == input_.size()) {
    if (input_.capacity() > kept_bytes_max) input_ = {};
    input_.clear();
    at_ = 0;
  } else if (at_ > input_.size() / 2) {  // often enough to stay small, seldom enough to stay linear
    input_.erase(0, at_);
    at_ = 0;
  }
  input_ += bytes;
}

std::optional<SseSplitter::Event> SseSplitter::next() {
  if (handed_out_) clear_event();
  if (mark_bytes_ >= 0) skip_byte_order_mark();
  while (at_ < input_.size() && !overflowed_) {
    if (take_byte()) continue;
    if (!text::trim(data_).empty()) return hand_out();
    clear_event();
  }
  if (overflowed_) {
    clear_event();
    input_ = {};
    at_ = 0;
  }
  if (finished_ && has_data_ && is_closed()) {
    in_line_ = false;
    return hand_out();
  }
  return std::nullopt;
}

bool SseSplitter::has_partial() const noexcept {
  if (overflowed_) return false;
  if (handed_out_) return at_ < input_.size();
  const bool in_event_field = in_line_ && field_ != Field::ignored;
  return at_ < input_.size() || has_data_ || !name_.empty() || in_event_field;
}

void SseSplitter::skip_byte_order_mark() {
  const auto size = static_cast<int>(byte_order_mark.size());
  while (at_ < input_.size() && mark_bytes_ < size) {
    if (input_[at_] != byte_order_mark[static_cast<std::size_t>(mark_bytes_)]) {
      // No mark after all: what came of it begins a field that nobody knows.
      in_line_ = mark_bytes_ > 0;
      if (in_line_) field_ = Field::ignored;
      mark_bytes_ = -1;
      return;
    }
    ++at_;
    ++mark_bytes_;
  }
  if (mark_bytes_ == size) mark_bytes_ = -1;
}

// Takes one byte, or a run of value bytes.
bool SseSplitter::take_byte() {
  const char c = input_[at_];
  const bool is_lf_of_crlf = skip_lf_ && c == '\n';
  skip_lf_ = false;
  if (is_lf_of_crlf) return ++at_, true;
  if (c == '\r' || c == '\n') {
    ++at_;
    skip_lf_ = c == '\r';
    if (!in_line_) return false;
    end_line();
    return true;
  }
  in_line_ = true;
  if (in_value_ || field_ != Field::unknown) {
    take_value();
  } else if (++at_; c == ':') {
    end_field_name();
    in_value_ = skip_blank_ = true;
  } else if (field_name_.size() == field_name_bytes_max) {
    field_ = Field::ignored;
  } else {
    field_name_ += c;
  }
  return true;
}

void SseSplitter::end_line() {
  if (!in_value_ && field_ == Field::unknown) end_field_name();
  field_ = Field::unknown;
  field_name_.clear();
  in_line_ = in_value_ = skip_blank_ = false;
}

void SseSplitter::end_field_name() {
  field_ = Field::ignored;
  if (field_name_ == "data") {
    field_ = Field::data;
    if (has_data_) append(" ");
    has_data_ = true;
  } else if (field_name_ == "event") {
    field_ = Field::event;
    name_.clear();
  }
}

void SseSplitter::take_value() {
  if (skip_blank_) {
    skip_blank_ = false;
    if (input_[at_] == ' ') {
      ++at_;
      return;
    }
  }
  std::size_t end = at_;
  while (end < input_.size() && input_[end] != '\n' && input_[end] != '\r')
    ++end;
  const std::string_view value = std::string_view(input_).substr(at_, end - at_);
  at_ = end;
  if (field_ == Field::data) {
    append(value);
  } else if (field_ == Field::event) {
    name_ += value.substr(0, event_name_bytes_max - name_.size());
  }
}

void SseSplitter::append(std::string_view data) {
  overflowed_ = overflowed_ || data_.size() + data.size() > limits::sse_event_bytes_max;
  if (!overflowed_) data_ += data;
}

// Whether the data of an event that lacks its blank line is whole.
bool SseSplitter::is_closed() const {
  const std::string_view data = text::trim(data_);
  if (data.empty()) return false;
  const bool is_between_lines = !in_line_ || field_ == Field::ignored || field_ == Field::event;
  return is_between_lines || data == "[DONE]" || is_json(data);
}

std::optional<SseSplitter::Event> SseSplitter::hand_out() {
  handed_out_ = true;
  has_data_ = false;
  return Event{data_, name_};
}

void SseSplitter::clear_event() {
  handed_out_ = has_data_ = false;
  if (data_.capacity() > kept_bytes_max) data_ = {};
  data_.clear();
  name_.clear();
}

}  // namespace airouter::protocol
