#include "http/address.h"

#include <algorithm>
#include <arpa/inet.h>
#include <charconv>

namespace airouterd::http {
namespace {

constexpr std::array<unsigned char, 12> mapped_prefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

bool is_digits(std::string_view s) {
  return std::all_of(s.begin(), s.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

std::optional<Address> Address::parse(std::string_view text) {
  std::array<char, 64> buffer{};  // inet_pton needs an end
  if (text.empty() || text.size() >= buffer.size() || text.find('\0') != std::string_view::npos)
    return std::nullopt;
  std::copy(text.begin(), text.end(), buffer.begin());
  Address address;
  if (::inet_pton(AF_INET6, buffer.data(), address.bytes_.data()) == 1) return address;
  if (::inet_pton(AF_INET, buffer.data(), address.bytes_.data() + mapped_prefix.size()) != 1)
    return std::nullopt;
  std::copy(mapped_prefix.begin(), mapped_prefix.end(), address.bytes_.begin());
  return address;
}

bool Address::is_ipv4() const noexcept {
  return std::equal(mapped_prefix.begin(), mapped_prefix.end(), bytes_.begin());
}

bool Address::is_loopback() const noexcept {
  if (is_ipv4()) return bytes_[mapped_prefix.size()] == 127;
  return bytes_.back() == 1 &&
         std::all_of(bytes_.begin(), bytes_.end() - 1, [](unsigned char b) { return b == 0; });
}

std::string Address::network() const {
  return {bytes_.begin(), is_ipv4() ? bytes_.end() : bytes_.begin() + 8};
}

bool Address::shares_prefix(const Address& other, int bits) const noexcept {
  const auto whole = static_cast<std::size_t>(bits / 8);
  if (!std::equal(bytes_.begin(), bytes_.begin() + static_cast<std::ptrdiff_t>(whole), other.bytes_.begin()))
    return false;
  const int rest = bits % 8;
  return rest == 0 || (bytes_[whole] ^ other.bytes_[whole]) >> (8 - rest) == 0;
}

bool is_in_range(const Address& address, std::string_view range) {
  const auto slash = range.find('/');
  const auto network = Address::parse(range.substr(0, slash));
  if (!network || network->is_ipv4() != address.is_ipv4()) return false;
  const int bits_max = network->is_ipv4() ? 32 : 128;
  int bits = bits_max;
  if (slash != std::string_view::npos) {
    const auto text = range.substr(slash + 1);
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), bits);
    if (error != std::errc{} || end != text.data() + text.size() || bits < 0 || bits > bits_max) return false;
  }
  return address.shares_prefix(*network, bits + 128 - bits_max);
}

std::optional<HostAndPort> split_host(std::string_view text) {
  HostAndPort result;
  std::string_view rest;
  if (text.starts_with('[')) {
    const auto end = text.find(']');
    if (end == std::string_view::npos) return std::nullopt;
    result.is_bracketed = true;
    result.host = text.substr(1, end - 1);
    rest = text.substr(end + 1);
  } else {
    const auto end = std::min(text.find(':'), text.size());
    result.host = text.substr(0, end);
    rest = text.substr(end);
  }
  if (!rest.empty()) {
    if (rest.front() != ':' || !is_digits(rest.substr(1))) return std::nullopt;
    result.port = rest.substr(1);
  }
  if (result.host.empty() || (result.is_bracketed && result.host.find(':') == std::string_view::npos)) {
    return std::nullopt;
  }
  return result;
}

}  // namespace airouterd::http
