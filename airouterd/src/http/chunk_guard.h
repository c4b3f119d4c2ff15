#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace airouterd::http {

// Watches the raw bytes of a chunked body on their way to a lenient decoder, and stops at the first one that
// strict framing (RFC 9112, 7.1) does not allow, so that the decoder sees only what both understand alike.
// Chunk extensions are allowed within bounds; trailer fields are not. Pure; used by one thread; one object
// per body.
class ChunkGuard {
 public:
  enum class State { more, complete, broken };

  // Looks at the next bytes and returns how many of them belong to the body: fewer than all at its end or at
  // a fault.
  std::size_t accept(std::string_view bytes) noexcept;

  State state() const noexcept;

 private:
  enum class At {
    size_start,
    size,
    extension,
    size_end,
    data,
    data_return,
    data_end,
    last_return,
    last_end,
    done,
    broken
  };

  At step(char c) noexcept;
  At size_digit(char c) noexcept;

  At at_ = At::size_start;
  int digits_ = 0;
  std::uint64_t chunk_bytes_ = 0;    // of the chunk's data, those still to come
  std::size_t extension_bytes_ = 0;  // since the body began
};

}  // namespace airouterd::http
