#include "protocol/splice.h"

namespace airouter::protocol {

std::string splice(std::string_view text, std::span<const json::Span> places, std::string_view replacement) {
  std::string out;
  out.reserve(text.size() + places.size() * replacement.size());
  std::size_t copied = 0;
  for (const json::Span place : places) {
    if (place.begin < copied || place.end < place.begin || place.end > text.size()) continue;
    out += text.substr(copied, place.begin - copied);
    out += replacement;
    copied = place.end;
  }
  out += text.substr(copied);
  return out;
}

}  // namespace airouter::protocol
