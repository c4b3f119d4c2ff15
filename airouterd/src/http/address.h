#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace airouterd::http {

// A numeric IP address; IPv4 as the IPv6 address that stands for it, so that both are compared alike. A value
// type.
class Address {
 public:
  // Dotted quad or IPv6, without brackets, zone or port. Nothing: it is neither.
  static std::optional<Address> parse(std::string_view text);

  bool is_loopback() const noexcept;
  bool is_ipv4() const noexcept;

  // The same for all addresses of one customer: an IPv4 address, or a /64 of IPv6. For comparing only.
  std::string network() const;

  // Whether the first `bits` of both are the same; `bits` is 0 … 128.
  bool shares_prefix(const Address& other, int bits) const noexcept;

 private:
  std::array<unsigned char, 16> bytes_{};
};

// Whether `address` is one of `ranges`' members: an address, or a network as in "172.16.0.0/12".
bool is_in_range(const Address& address, std::string_view range);

struct HostAndPort {
  std::string_view host{};  // without brackets
  std::string_view port{};  // digits or empty
  bool is_bracketed = false;
};

// Splits "host", "host:port", "[v6]" and "[v6]:port". Nothing: it is none of them.
std::optional<HostAndPort> split_host(std::string_view text);

}  // namespace airouterd::http
