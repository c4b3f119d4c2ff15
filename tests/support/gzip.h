#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

// Files as gzip makes them (RFC 1952), without a library for it.

inline constexpr std::string_view gzip_head{"\x1f\x8b\x08\0\0\0\0\0\0\x03", 10};

// A whole file of this text, at most 64 KiB: one stored block.
inline std::string gzip_of(std::string_view text) {
  std::string file(gzip_head);
  const auto put = [&](std::uint32_t value, int bytes) {
    for (int i = 0; i < bytes; ++i)
      file.push_back(static_cast<char>(value >> (8 * i) & 0xFFU));
  };
  const auto size = static_cast<std::uint32_t>(text.size());
  put(1, 1);  // the last block, stored
  put(size, 2);
  put(~size & 0xFFFFU, 2);
  file += text;
  std::uint32_t checksum = 0xFFFFFFFFU;
  for (const char c : text) {
    checksum ^= static_cast<unsigned char>(c);
    for (int i = 0; i < 8; ++i)
      checksum = checksum >> 1 ^ ((checksum & 1U) != 0 ? 0xEDB88320U : 0U);
  }
  put(~checksum, 4);
  put(size, 4);
  return file;
}

// A file of one blank, told to repeat itself for ever: 258 bytes come from each 13 bits.
inline std::string gzip_bomb(std::size_t bytes) {
  std::string bomb(gzip_head);
  unsigned waiting = 0;
  int count = 0;
  const auto put = [&](unsigned bits, int width, bool is_code) {
    for (int i = 0; i < width; ++i) {
      waiting |= (bits >> (is_code ? width - 1 - i : i) & 1U) << count;
      if (++count < 8) continue;
      bomb.push_back(static_cast<char>(waiting));
      waiting = 0;
      count = 0;
    }
  };
  put(1, 1, false);  // the last block,
  put(1, 2, false);  // with the fixed codes:
  put(0x30 + ' ', 8, true);
  while (bomb.size() < bytes) {
    put(0xc5, 8, true);  // 258 bytes
    put(0, 5, true);     // from one byte back
  }
  return bomb;
}
