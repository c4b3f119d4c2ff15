#include "support/raw_client.h"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <cctype>
#include <cstdlib>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace {

using std::chrono::steady_clock;

bool is_same_name(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) {
    return std::tolower(static_cast<unsigned char>(x)) == std::tolower(static_cast<unsigned char>(y));
  });
}

std::string trimmed(std::string_view text) {
  const auto begin = std::min(text.find_first_not_of(" \t"), text.size());
  const auto end = text.find_last_not_of(" \t");
  return std::string(text.substr(begin, end == text.npos ? 0 : end + 1 - begin));
}

void parse_head(RawAnswer& answer) {
  std::string_view rest = answer.head;
  answer.status = std::atoi(std::string(rest.substr(std::min(rest.find(' '), rest.size()))).c_str());
  for (rest.remove_prefix(rest.find("\r\n") + 2); !rest.starts_with("\r\n");) {
    const auto end = rest.find("\r\n");
    const std::string_view line = rest.substr(0, end);
    const auto colon = std::min(line.find(':'), line.size());
    answer.headers.emplace_back(line.substr(0, colon),
                                trimmed(line.substr(std::min(colon + 1, line.size()))));
    rest.remove_prefix(end + 2);
  }
}

}  // namespace

std::string_view RawAnswer::header(std::string_view name) const noexcept {
  for (const auto& [key, value] : headers)
    if (is_same_name(key, name)) return value;
  return {};
}

int RawAnswer::count(std::string_view name) const noexcept {
  return static_cast<int>(std::count_if(headers.begin(), headers.end(),
                                        [&](const auto& field) { return is_same_name(field.first, name); }));
}

RawClient::RawClient(int port, int receive_buffer) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  if (receive_buffer > 0) ::setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<in_port_t>(port));
  has_ended_ = ::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0;
  const int on = 1;
  ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  const timeval most{std::chrono::duration_cast<std::chrono::seconds>(patience).count(), 0};
  ::setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &most, sizeof most);
}

RawClient::~RawClient() {
  close();
}

RawClient::RawClient(RawClient&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)),
      unread_(std::move(other.unread_)),
      has_ended_(other.has_ended_),
      has_head_(other.has_head_),
      framing_(other.framing_),
      left_(other.left_),
      answer_(std::move(other.answer_)) {}

bool RawClient::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

bool RawClient::receive(steady_clock::time_point until) {
  if (has_ended_) return false;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - steady_clock::now());
  pollfd waiting{fd_, POLLIN, 0};
  if (left.count() <= 0 || ::poll(&waiting, 1, static_cast<int>(left.count())) <= 0) return false;
  std::array<char, 65536> piece;
  const auto got = ::recv(fd_, piece.data(), piece.size(), 0);
  has_ended_ = got <= 0;
  if (!has_ended_) unread_.append(piece.data(), static_cast<std::size_t>(got));
  return !has_ended_;
}

bool RawClient::read_head(std::chrono::milliseconds within) {
  const auto until = steady_clock::now() + within;
  for (;;) {
    const auto end = unread_.find("\r\n\r\n");
    if (end == std::string::npos) {
      if (!receive(until)) return false;
      continue;
    }
    answer_ = {};
    answer_.head = unread_.substr(0, end + 4);
    answer_.head_at = steady_clock::now();
    unread_.erase(0, end + 4);
    parse_head(answer_);
    if (answer_.status >= 200) break;
  }
  has_head_ = true;
  start_body(false);
  return true;
}

void RawClient::start_body(bool to_head_request) {
  left_ = 0;
  const std::string_view length = answer_.header("content-length");
  if (to_head_request || answer_.status == 204 || answer_.status == 304) {
    framing_ = Framing::none;
  } else if (is_same_name(answer_.header("transfer-encoding"), "chunked")) {
    framing_ = Framing::chunked;
  } else if (!length.empty()) {
    framing_ = Framing::length;
    left_ = static_cast<std::size_t>(std::strtoull(std::string(length).c_str(), nullptr, 10));
  } else {
    framing_ = Framing::until_close;
  }
}

void RawClient::take_body() {
  switch (framing_) {
    case Framing::none:
      answer_.is_whole = true;
      return;
    case Framing::length: {
      const std::size_t taken = std::min(left_, unread_.size());
      answer_.body.append(unread_, 0, taken);
      unread_.erase(0, taken);
      left_ -= taken;
      answer_.is_whole = left_ == 0;
      return;
    }
    case Framing::chunked:
      return take_chunks();
    case Framing::until_close:
      answer_.body += std::exchange(unread_, {});
      answer_.is_whole = has_ended_;
      return;
  }
}

void RawClient::take_chunks() {
  std::size_t at = 0;
  while (!answer_.is_whole) {
    const auto line_end = unread_.find("\r\n", at);
    if (line_end == std::string::npos) break;
    const std::size_t size = std::strtoull(unread_.c_str() + at, nullptr, 16);
    if (unread_.size() < line_end + 2 + size + 2) break;
    answer_.body.append(unread_, line_end + 2, size);
    at = line_end + 2 + size + 2;
    answer_.is_whole = size == 0;
  }
  unread_.erase(0, at);
}

bool RawClient::read_until(std::string_view mark, std::chrono::milliseconds within, std::size_t from) {
  const auto until = steady_clock::now() + within;
  for (;;) {
    take_body();
    if (answer_.body.find(mark, from) != std::string::npos) return true;
    if (answer_.is_whole || !receive(until)) return false;
  }
}

std::string RawClient::read_some(std::size_t bytes_max, std::chrono::milliseconds within) {
  std::string bytes(bytes_max, '\0');
  pollfd waiting{fd_, POLLIN, 0};
  if (has_ended_ || ::poll(&waiting, 1, static_cast<int>(within.count())) <= 0) return {};
  const auto got = ::recv(fd_, bytes.data(), bytes.size(), 0);
  has_ended_ = got <= 0;
  bytes.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
  return bytes;
}

RawAnswer RawClient::read_answer(std::chrono::milliseconds within, bool to_head_request) {
  const auto until = steady_clock::now() + within;
  if (!has_head_ && !read_head(within)) return {};
  if (to_head_request) start_body(true);
  do {
    take_body();
  } while (!answer_.is_whole && receive(until));
  take_body();
  answer_.end_at = steady_clock::now();
  has_head_ = false;
  return answer_;
}

bool RawClient::sees_close(std::chrono::milliseconds within) {
  const auto until = steady_clock::now() + within;
  while (unread_.empty() && !has_ended_ && steady_clock::now() < until)
    receive(until);
  return has_ended_ && unread_.empty();
}

bool RawClient::is_reset() const {
  pollfd entry{fd_, 0, 0};
  return ::poll(&entry, 1, 0) > 0 && (entry.revents & (POLLERR | POLLHUP)) != 0;
}

void RawClient::half_close() {
  ::shutdown(fd_, SHUT_WR);
}

void RawClient::close() {
  if (fd_ >= 0) ::close(std::exchange(fd_, -1));
}

void RawClient::reset() {
  const linger at_once{1, 0};
  ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  close();
}

std::string raw_request(std::string_view method, std::string_view target, std::string_view body,
                        std::string_view more_head_lines) {
  std::string text = std::string(method) + " " + std::string(target) + " HTTP/1.1\r\nhost: 127.0.0.1\r\n";
  if (!body.empty() || method == "POST")
    text += "content-type: application/json\r\ncontent-length: " + std::to_string(body.size()) + "\r\n";
  return text + std::string(more_head_lines) + "\r\n" + std::string(body);
}
