#include "message_reader.h"

#include <algorithm>
#include <charconv>
#include <strings.h>

namespace bench {
namespace {

constexpr std::size_t head_bytes_max = 64 * 1024, line_bytes_max = 1024;

bool is_same(std::string_view a, std::string_view b) {
  return a.size() == b.size() && ::strncasecmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace

std::string_view header_value(std::string_view head, std::string_view name) {
  for (std::size_t at = head.find("\r\n"); at != std::string_view::npos; at = head.find("\r\n", at)) {
    at += 2;
    const std::string_view rest = head.substr(at);
    if (rest.size() <= name.size() || rest[name.size()] != ':') continue;
    if (!is_same(rest.substr(0, name.size()), name)) continue;
    std::string_view value = rest.substr(name.size() + 1);
    value = value.substr(0, value.find("\r\n"));
    while (value.starts_with(' '))
      value.remove_prefix(1);
    return value;
  }
  return {};
}

void MessageReader::reset() {
  state_ = State::head;
  head_.clear();
  body_.clear();
  line_.clear();
  left_ = 0;
  status_ = 0;
}

void MessageReader::end_of_connection() {
  if (state_ == State::to_close) {
    state_ = State::whole;
  } else if (state_ != State::whole) {
    state_ = State::bad;
  }
}

std::size_t MessageReader::feed(std::string_view bytes) {
  const std::size_t size = bytes.size();
  while (!bytes.empty() && !is_whole() && !is_bad()) {
    std::size_t taken = 0;
    switch (state_) {
      case State::head:
        taken = feed_head(bytes);
        break;
      case State::counted:
        taken = feed_data(bytes, State::whole);
        break;
      case State::chunk_data:
        taken = feed_data(bytes, State::chunk_end);
        break;
      case State::to_close:
        body_.append(bytes);
        taken = bytes.size();
        break;
      default:
        taken = feed_line(bytes);
        break;
    }
    bytes.remove_prefix(taken);
  }
  return size - bytes.size();
}

std::size_t MessageReader::feed_head(std::string_view bytes) {
  const std::size_t before = head_.size();
  head_.append(bytes);
  const std::size_t end = head_.find("\r\n\r\n", before < 3 ? 0 : before - 3);
  if (end == std::string::npos) {
    if (head_.size() > head_bytes_max) state_ = State::bad;
    return bytes.size();
  }
  head_.resize(end + 4);
  begin_body();
  return end + 4 - before;
}

void MessageReader::begin_body() {
  const bool is_answer = head_.starts_with("HTTP/");
  if (is_answer && head_.size() > 12) std::from_chars(head_.data() + 9, head_.data() + 12, status_);
  if (is_same(header_value(head_, "transfer-encoding"), "chunked")) {
    state_ = State::chunk_size;
    return;
  }
  const std::string_view length = header_value(head_, "content-length");
  left_ = 0;
  if (!length.empty()) {
    std::from_chars(length.data(), length.data() + length.size(), left_);
    state_ = left_ == 0 ? State::whole : State::counted;
  } else {
    state_ = is_answer ? State::to_close : State::whole;
  }
}

std::size_t MessageReader::feed_data(std::string_view bytes, State next) {
  const std::size_t count = std::min(left_, bytes.size());
  body_.append(bytes.substr(0, count));
  left_ -= count;
  if (left_ == 0) state_ = next;
  return count;
}

std::size_t MessageReader::feed_line(std::string_view bytes) {
  const std::size_t end = bytes.find('\n');
  line_.append(bytes.substr(0, end));
  if (line_.size() > line_bytes_max) state_ = State::bad;
  if (end == std::string_view::npos) return bytes.size();
  if (line_.ends_with('\r')) line_.pop_back();
  if (!is_bad()) end_line();
  line_.clear();
  return end + 1;
}

void MessageReader::end_line() {
  if (state_ == State::chunk_size) {
    const auto [end, error] = std::from_chars(line_.data(), line_.data() + line_.size(), left_, 16);
    if (error != std::errc()) {
      state_ = State::bad;
    } else {
      state_ = left_ == 0 ? State::trailer : State::chunk_data;
    }
  } else if (state_ == State::chunk_end) {
    state_ = line_.empty() ? State::chunk_size : State::bad;
  } else if (line_.empty()) {  // the trailer's end
    state_ = State::whole;
  }
}

}  // namespace bench
