#include "http/request_id.h"

namespace airouterd::http {

namespace {

void append_hexadecimal(std::string& to, std::uint64_t value, int digits) {
  for (int shift = (digits - 1) * 4; shift >= 0; shift -= 4)
    to += "0123456789abcdef"[(value >> shift) & 0xf];
}

}  // namespace

// SplitMix64 maps its counter one to one, so that no value comes twice within a whole round of the counter.
RequestIds::RequestIds(std::uint64_t seed) noexcept
    : prefix_(static_cast<std::uint32_t>(airouter::Random(~seed).next())), sequence_(seed) {}

std::string RequestIds::next() {
  std::string id = "req_";
  id.reserve(28);
  append_hexadecimal(id, prefix_, 8);
  append_hexadecimal(id, sequence_.next(), 16);
  return id;
}

}  // namespace airouterd::http
