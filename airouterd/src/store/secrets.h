#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

// What secrets are made of and how they are compared: never as they are, always by their hash.
namespace airouterd::store {

// SHA-256 of a secret. Enough for secrets that are long and random; people's passwords need password.h.
using Digest = std::array<unsigned char, 32>;

// Takes the same time wherever the two differ.
bool is_equal(const Digest& a, const Digest& b) noexcept;

// In lower case.
std::string to_hex(const Digest& digest);

// 64 hexadecimal digits, in any case. Nothing: it is something else.
std::optional<Digest> digest_from_hex(std::string_view hex) noexcept;

// Hexadecimal digits in any case as `out.size()` bytes. False: they are not exactly that.
bool bytes_from_hex(std::string_view hex, std::span<unsigned char> out) noexcept;

// Computes digests. Looking the algorithm up takes longer than hashing a key, so that is done once.
// Thread-safe.
class Hasher {
 public:
  Hasher();
  ~Hasher();
  Hasher(const Hasher&) = delete;
  Hasher& operator=(const Hasher&) = delete;

  Digest operator()(std::string_view secret) const;

 private:
  struct Implementation;
  std::unique_ptr<const Implementation> implementation_;
};

// So many bytes from the operating system's generator, as hexadecimal digits. Throws std::system_error if
// there are none, which no running system does.
std::string random_hex(std::size_t bytes);

}  // namespace airouterd::store
