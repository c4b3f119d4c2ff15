#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include <airouter/transport.h>

#include "base/limits.h"
#include "http/error_reply.h"

namespace airouterd::http {

// Bounds of a request's head. Real ones stay under 4 KiB and 40 fields.
inline constexpr std::size_t head_bytes_max = 32 * airouter::limits::kibibyte;
inline constexpr std::size_t head_fields_max = 100;
inline constexpr std::size_t target_bytes_max = 2 * airouter::limits::kibibyte;
inline constexpr std::size_t method_bytes_max = 32;

enum class BodyFraming { none, length, chunked };

// A request's head, read strictly: whatever two readers of HTTP could understand differently is refused
// instead.
struct Head {
  std::string method{};  // one that the server knows
  std::string target{};  // origin form; of an absolute one, its path and query
  bool is_http_1_0 = false;
  airouter::Headers headers{};  // as sent, values without blanks around them
  BodyFraming framing = BodyFraming::none;
  std::uint64_t body_bytes = 0;  // with BodyFraming::length: at least 1
  bool keep_alive = true;
  bool expects_continue = false;
  std::size_t bytes = 0;  // of the head itself, with its empty line
};

struct NeedsMore {};

using HeadOutcome = std::variant<NeedsMore, Head, Refusal>;

// Reads one head, however it is cut into pieces. Pure; used by one thread; one object per head. After a
// Refusal the connection must be closed: where the next request would begin is unknown.
class HeadParser {
 public:
  // `bytes` is everything since the head's first byte, and so begins as on the call before. What follows the
  // head is not looked at.
  HeadOutcome parse(std::string_view bytes);

 private:
  std::optional<Refusal> scan(std::string_view bytes);

  std::size_t scanned_ = 0;     // no line end before here is unseen
  std::size_t line_begin_ = 0;  // of the line that is not yet complete
  std::size_t lines_ = 0;       // complete ones, the request line included
  std::size_t head_bytes_ = 0;  // once the empty line is found
};

}  // namespace airouterd::http
