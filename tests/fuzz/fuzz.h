#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

// What fuzz targets share. A target is one function over any bytes that claims more than that nothing
// crashes. It stands in a file of its own in targets/, which says what it claims, and is run by libFuzzer
// over bytes that nobody thought of, and by a test over the seeds in corpus/.
namespace fuzz {

// A claim that does not hold for this input. A fuzzer keeps the input and ends; the replay of the seeds
// throws a std::runtime_error.
[[noreturn]] void fail(std::string_view claim, std::string_view seen);

// `seen`, what was found instead, is shown where the claim does not hold.
inline void claim(bool holds, std::string_view text, std::string_view seen = {}) {
  if (!holds) fail(text, seen);
}

inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

// Up to the next line feed, which is dropped, or to the end.
std::string_view take_line(std::string_view& rest);

// The words between blanks.
std::vector<std::string_view> words_of(std::string_view line);

// `bytes` as a peer may send them: as a whole, byte by byte, and in two ways of pieces whose lengths follow
// from the bytes alone.
inline constexpr int ways_to_cut = 4;
std::vector<std::string_view> cut(std::string_view bytes, int way);

// A number that follows from the bytes alone, the same on every machine (FNV-1a).
std::uint64_t hash_of(std::string_view bytes) noexcept;

}  // namespace fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
