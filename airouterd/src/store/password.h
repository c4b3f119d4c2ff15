#pragma once

#include <string>
#include <string_view>

// Passwords that people choose, kept as scrypt hashes (RFC 7914): `scrypt:LOG2_N:R:P:SALT:HASH`, salt and
// hash in hexadecimal digits.
namespace airouterd::store {

inline constexpr std::size_t password_bytes_min = 8, password_bytes_max = 1024;

// With a salt of its own. Takes 32 MiB and a tenth of a second or two, which is the point. Throws
// std::runtime_error if OpenSSL cannot do it.
std::string hash_password(std::string_view password);

// Whether text has the form above, within bounds that can be computed.
bool is_password_hash(std::string_view hash);

// False also for a hash that is none. As slow as the hash says.
bool is_right_password(std::string_view password, std::string_view hash);

}  // namespace airouterd::store
