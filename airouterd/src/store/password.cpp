#include "store/password.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <vector>

#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "base/json.h"
#include "store/secrets.h"

namespace airouterd::store {
namespace {

// OWASP's recommendation for scrypt with little memory per login: N = 2^15, r = 8, p = 3 or stronger N.
constexpr std::int64_t usual_log2_n = 15, usual_r = 8, usual_p = 3;
constexpr std::size_t salt_bytes = 16, salt_bytes_min = 8, salt_bytes_max = 64;

// What a hash in the config may ask for: 128 * r * N bytes are needed.
constexpr std::int64_t log2_n_max = 20, r_max = 32, p_max = 16;
constexpr std::uint64_t memory_max = std::uint64_t{256} << 20;

struct Parts {
  std::int64_t log2_n = 0, r = 0, p = 0;
  std::vector<unsigned char> salt{};
  Digest hash{};

  std::uint64_t memory() const noexcept {
    return 128 * static_cast<std::uint64_t>(r) * (std::uint64_t{1} << static_cast<unsigned>(log2_n));
  }
};

std::string_view next_part(std::string_view& text) noexcept {
  const std::size_t end = std::min(text.find(':'), text.size());
  const std::string_view part = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return part;
}

std::optional<Parts> split(std::string_view text) {
  if (next_part(text) != "scrypt") return std::nullopt;
  const auto number = [&](std::int64_t max) {
    const auto read = airouter::json::to_integer(next_part(text));
    return read && *read >= 1 && *read <= max ? *read : 0;
  };
  Parts parts;
  parts.log2_n = number(log2_n_max);
  parts.r = number(r_max);
  parts.p = number(p_max);
  const std::string_view salt = next_part(text);
  const auto hash = digest_from_hex(text);
  if (parts.log2_n == 0 || parts.r == 0 || parts.p == 0 || parts.memory() > memory_max || !hash)
    return std::nullopt;
  parts.hash = *hash;
  parts.salt.resize(std::clamp(salt.size() / 2, salt_bytes_min, salt_bytes_max));
  return bytes_from_hex(salt, parts.salt) ? std::optional(parts) : std::nullopt;
}

Digest derive(std::string_view password, const Parts& parts) {
  Digest digest{};
  // What OpenSSL counts beside the table itself is small.
  const std::uint64_t allowed = parts.memory() + 128 * static_cast<std::uint64_t>(parts.r * parts.p) + 65'536;
  if (::EVP_PBE_scrypt(password.data(), password.size(), parts.salt.data(), parts.salt.size(),
                       std::uint64_t{1} << static_cast<unsigned>(parts.log2_n),
                       static_cast<std::uint64_t>(parts.r), static_cast<std::uint64_t>(parts.p), allowed,
                       digest.data(), digest.size()) != 1)
    throw std::runtime_error("OpenSSL cannot compute scrypt");
  return digest;
}

}  // namespace

std::string hash_password(std::string_view password) {
  const std::string salt = random_hex(salt_bytes);
  Parts parts{usual_log2_n, usual_r, usual_p, std::vector<unsigned char>(salt_bytes), {}};
  bytes_from_hex(salt, parts.salt);
  return fmt::format("scrypt:{}:{}:{}:{}:{}", usual_log2_n, usual_r, usual_p, salt,
                     to_hex(derive(password, parts)));
}

bool is_password_hash(std::string_view hash) {
  return split(hash).has_value();
}

bool is_right_password(std::string_view password, std::string_view hash) {
  const auto parts = split(hash);
  return parts && is_equal(derive(password, *parts), parts->hash);
}

}  // namespace airouterd::store
