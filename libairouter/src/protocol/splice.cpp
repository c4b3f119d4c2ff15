#include "protocol/splice.h"

#include <algorithm>

namespace airouter::protocol {

std::string splice(std::string_view text, std::span<const json::Span> places, std::string_view replacement) {
  std::string out;
  out.reserve(text.size() + places.size() * replacement.size());
  append_spliced(out, text, places, replacement);
  return out;
}

void append_spliced(std::string& out, std::string_view text, std::span<const json::Span> places,
                    std::string_view replacement) {
  std::size_t copied = 0;
  for (const json::Span place : places) {
    if (place.begin < copied || place.end < place.begin || place.end > text.size()) continue;
    out += text.substr(copied, place.begin - copied);
    out += replacement;
    copied = place.end;
  }
  out += text.substr(copied);
}

bool reads(std::string_view text, std::span<const json::Span> places, std::string_view replacement) noexcept {
  return std::all_of(places.begin(), places.end(), [&](const json::Span place) {
    return place.begin <= place.end && place.end <= text.size() &&
           text.substr(place.begin, place.end - place.begin) == replacement;
  });
}

}  // namespace airouter::protocol
