#include "demo/received_request.h"

#include <charconv>
#include <cstddef>
#include <optional>

#include "base/limits.h"
#include "base/text.h"
#include "demo/stoppable_socket.h"

namespace airouterd::demo {
namespace {

namespace text = airouter::text;

constexpr std::size_t head_bytes_max = 1 * airouter::limits::mebibyte;
constexpr std::size_t body_bytes_max = 128 * airouter::limits::mebibyte;

std::optional<std::size_t> to_size(std::string_view digits, int base) {
  std::size_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, base);
  if (error != std::errc() || end == digits.data() || value > body_bytes_max) return std::nullopt;
  return value;
}

bool fill(StoppableSocket& socket, std::string& buffer, std::size_t size) {
  while (buffer.size() < size)
    if (socket.receive(buffer) != StoppableSocket::Outcome::ready) return false;
  return true;
}

// Takes the next line out of `buffer`, without its line end.
std::optional<std::string> read_line(StoppableSocket& socket, std::string& buffer) {
  std::size_t end = 0;
  while ((end = buffer.find("\r\n")) == std::string::npos)
    if (buffer.size() > head_bytes_max || socket.receive(buffer) != StoppableSocket::Outcome::ready)
      return std::nullopt;
  std::string line = buffer.substr(0, end);
  buffer.erase(0, end + 2);
  return line;
}

void parse_head(ReceivedRequest& request) {
  std::string_view rest = request.head;
  const auto next_line = [&rest] {
    const std::size_t end = rest.find("\r\n");
    const std::string_view line = rest.substr(0, end);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 2);
    return line;
  };
  const std::string_view first = next_line();
  const std::size_t blank = first.find(' ');
  request.method = first.substr(0, blank);
  if (blank != std::string_view::npos) request.target = first.substr(blank + 1, first.rfind(' ') - blank - 1);
  for (std::string_view line = next_line(); !line.empty(); line = next_line()) {
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    request.headers.emplace_back(line.substr(0, colon), text::trim(line.substr(colon + 1)));
  }
}

bool read_chunks(StoppableSocket& socket, std::string& buffer, std::string& body) {
  for (;;) {
    const auto line = read_line(socket, buffer);
    const auto size = line ? to_size(*line, 16) : std::nullopt;
    if (!size || body.size() + *size > body_bytes_max || !fill(socket, buffer, *size + 2)) return false;
    body.append(buffer, 0, *size);
    buffer.erase(0, *size + 2);
    if (*size == 0) return true;
  }
}

}  // namespace

std::string_view ReceivedRequest::header(std::string_view name) const noexcept {
  for (const auto& [key, value] : headers)
    if (text::equals_ignoring_case(key, name)) return value;
  return {};
}

bool read_request(StoppableSocket& socket, std::string& buffer, bool with_body, ReceivedRequest& request) {
  std::size_t end = 0;
  while ((end = buffer.find("\r\n\r\n")) == std::string::npos)
    if (buffer.size() > head_bytes_max || socket.receive(buffer) != StoppableSocket::Outcome::ready)
      return false;
  request.head = buffer.substr(0, end + 4);
  buffer.erase(0, end + 4);
  parse_head(request);
  if (!with_body) return true;
  if (text::contains_ignoring_case(request.header("Transfer-Encoding"), "chunked"))
    return read_chunks(socket, buffer, request.body);
  const std::string_view length = request.header("Content-Length");
  if (length.empty()) return true;
  const auto size = to_size(length, 10);
  if (!size || !fill(socket, buffer, *size)) return false;
  request.body = buffer.substr(0, *size);
  buffer.erase(0, *size);
  return true;
}

}  // namespace airouterd::demo
