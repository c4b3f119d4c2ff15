#include "http/chunk_guard.h"

#include <algorithm>

namespace airouterd::http {
namespace {

// 4 GiB a chunk: more than any body that is accepted.
constexpr int size_digits_max = 8;

// Nobody sends them; the bound keeps them from being a way to send for ever without sending anything.
constexpr std::size_t extension_bytes_max = 4096;

int hexadecimal(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

std::size_t ChunkGuard::accept(std::string_view bytes) noexcept {
  std::size_t used = 0;
  while (used < bytes.size() && at_ != At::done && at_ != At::broken) {
    if (at_ == At::data) {
      const auto taken = std::min<std::uint64_t>(chunk_bytes_, bytes.size() - used);
      chunk_bytes_ -= taken;
      used += static_cast<std::size_t>(taken);
      if (chunk_bytes_ == 0) at_ = At::data_return;
      continue;
    }
    at_ = step(bytes[used]);
    if (at_ != At::broken) ++used;
  }
  return used;
}

ChunkGuard::State ChunkGuard::state() const noexcept {
  if (at_ == At::done) return State::complete;
  return at_ == At::broken ? State::broken : State::more;
}

ChunkGuard::At ChunkGuard::size_digit(char c) noexcept {
  const int value = hexadecimal(c);
  if (value >= 0) {
    if (++digits_ > size_digits_max) return At::broken;
    chunk_bytes_ = chunk_bytes_ * 16 + static_cast<std::uint64_t>(value);
    return At::size;
  }
  if (digits_ == 0) return At::broken;
  if (c == ';') return At::extension;
  return c == '\r' ? At::size_end : At::broken;
}

ChunkGuard::At ChunkGuard::step(char c) noexcept {
  switch (at_) {
    case At::size_start:
      digits_ = 0;
      chunk_bytes_ = 0;
      return size_digit(c);
    case At::size:
      return size_digit(c);
    case At::extension: {
      if (c == '\r') return At::size_end;
      const auto byte = static_cast<unsigned char>(c);
      const bool is_allowed = (byte >= 0x20 || byte == '\t') && byte != 0x7f;
      return is_allowed && ++extension_bytes_ <= extension_bytes_max ? At::extension : At::broken;
    }
    case At::size_end:
      if (c != '\n') return At::broken;
      return chunk_bytes_ > 0 ? At::data : At::last_return;
    case At::data_return:
      return c == '\r' ? At::data_end : At::broken;
    case At::data_end:
      return c == '\n' ? At::size_start : At::broken;
    case At::last_return:
      return c == '\r' ? At::last_end : At::broken;
    case At::last_end:
      return c == '\n' ? At::done : At::broken;
    default:
      return At::broken;
  }
}

}  // namespace airouterd::http
