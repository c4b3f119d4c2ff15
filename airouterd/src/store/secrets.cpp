#include "store/secrets.h"

#include <cerrno>
#include <stdexcept>
#include <sys/random.h>
#include <system_error>

#include <openssl/crypto.h>
#include <openssl/evp.h>

namespace airouterd::store {
namespace {

constexpr std::string_view hex_digits = "0123456789abcdef";

void append_hex(std::string& out, unsigned char byte) {
  out += hex_digits[byte >> 4u];
  out += hex_digits[byte & 15u];
}

int value_of(char digit) noexcept {
  if (digit >= '0' && digit <= '9') return digit - '0';
  if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
  if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
  return -1;
}

}  // namespace

struct Hasher::Implementation {
  EVP_MD* algorithm = ::EVP_MD_fetch(nullptr, "SHA256", nullptr);
};

Hasher::Hasher() : implementation_(std::make_unique<const Implementation>()) {
  if (implementation_->algorithm == nullptr) throw std::runtime_error("OpenSSL has no SHA-256");
}

Hasher::~Hasher() {
  ::EVP_MD_free(implementation_->algorithm);
}

Digest Hasher::operator()(std::string_view secret) const {
  Digest digest{};
  unsigned int size = 0;
  if (::EVP_Digest(secret.data(), secret.size(), digest.data(), &size, implementation_->algorithm, nullptr) !=
          1 ||
      size != digest.size())
    throw std::runtime_error("OpenSSL cannot hash");
  return digest;
}

bool is_equal(const Digest& a, const Digest& b) noexcept {
  return ::CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::string to_hex(const Digest& digest) {
  std::string text;
  for (const unsigned char byte : digest)
    append_hex(text, byte);
  return text;
}

bool bytes_from_hex(std::string_view hex, std::span<unsigned char> out) noexcept {
  if (hex.size() != 2 * out.size()) return false;
  for (std::size_t i = 0; i < out.size(); ++i) {
    const int high = value_of(hex[2 * i]), low = value_of(hex[2 * i + 1]);
    if (high < 0 || low < 0) return false;
    out[i] = static_cast<unsigned char>(high * 16 + low);
  }
  return true;
}

std::optional<Digest> digest_from_hex(std::string_view hex) noexcept {
  Digest digest{};
  return bytes_from_hex(hex, digest) ? std::optional(digest) : std::nullopt;
}

std::string random_hex(std::size_t bytes) {
  std::string text;
  std::array<unsigned char, 64> piece{};
  while (text.size() < 2 * bytes) {
    const std::size_t wanted = std::min(piece.size(), bytes - text.size() / 2);
    const ssize_t got = ::getrandom(piece.data(), wanted, 0);
    if (got < 0 && errno != EINTR) throw std::system_error(errno, std::generic_category(), "getrandom");
    for (std::size_t i = 0; got > 0 && i < static_cast<std::size_t>(got); ++i)
      append_hex(text, piece[i]);
  }
  ::OPENSSL_cleanse(piece.data(), piece.size());
  return text;
}

}  // namespace airouterd::store
