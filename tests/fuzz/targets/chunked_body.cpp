// The bytes after a head with `Transfer-Encoding: chunked`. Claims:
// - however they arrive, the guard takes the same ones and comes to the same verdict;
// - it is complete exactly where another strict reader is, at the same byte, and broken where that one is: so
//   no decoder behind it sees a body that could end elsewhere;
// - it never takes a byte after the end, nor one that breaks the framing.
#include "fuzz.h"
#include "http/chunk_guard.h"

using airouterd::http::ChunkGuard;

namespace {

constexpr std::size_t size_digits_max = 8, extension_bytes_max = 4096;

struct Reading {
  ChunkGuard::State state = ChunkGuard::State::more;
  std::size_t used = 0;
};

std::string shown(const Reading& reading) {
  return "state " + std::to_string(static_cast<int>(reading.state)) + ", used " +
         std::to_string(reading.used);
}

Reading guard(std::string_view bytes, int way) {
  ChunkGuard guard;
  Reading out;
  for (const std::string_view piece : fuzz::cut(bytes, way)) {
    const std::size_t used = guard.accept(piece);
    fuzz::claim(used <= piece.size(), "no more is taken than is there");
    out.used += used;
    if (used < piece.size()) {
      fuzz::claim(guard.state() != ChunkGuard::State::more, "it stops for a reason");
      fuzz::claim(guard.accept(piece.substr(used)) == 0, "it stops for good");
      break;
    }
  }
  out.state = guard.state();
  return out;
}

// Reads the whole text at once; throws how it ends, as there are many places where it can.
class Strict {
 public:
  explicit Strict(std::string_view bytes) : bytes_(bytes) {}

  Reading read() {
    try {
      while (chunk()) {
      }
      return {ChunkGuard::State::complete, at_};
    } catch (ChunkGuard::State state) {
      return {state, at_};
    }
  }

 private:
  char peek() const {
    if (at_ == bytes_.size()) throw ChunkGuard::State::more;
    return bytes_[at_];
  }
  void expect(char c) {
    if (peek() != c) throw ChunkGuard::State::broken;
    ++at_;
  }
  void line_end() {
    expect('\r');
    expect('\n');
  }

  bool chunk() {
    std::uint64_t size = 0;
    std::size_t digits = 0;
    for (;; ++at_) {
      const char c = peek();
      const std::size_t value =
          std::string_view("0123456789abcdef").find(c | (c >= 'A' && c <= 'F' ? 0x20 : 0));
      if (value == std::string_view::npos) break;
      if (++digits > size_digits_max) throw ChunkGuard::State::broken;
      size = size * 16 + value;
    }
    if (digits == 0) throw ChunkGuard::State::broken;
    if (peek() == ';') {
      ++at_;
      extension();
    }
    line_end();
    if (size > bytes_.size() - at_) {
      at_ = bytes_.size();
      throw ChunkGuard::State::more;
    }
    at_ += size;
    line_end();
    return size > 0;
  }

  void extension() {
    for (; peek() != '\r'; ++at_) {
      const auto c = static_cast<unsigned char>(peek());
      const bool is_text = (c >= 0x20 && c != 0x7F) || c == '\t';
      if (!is_text || ++extension_bytes_ > extension_bytes_max) throw ChunkGuard::State::broken;
    }
  }

  const std::string_view bytes_;
  std::size_t at_ = 0, extension_bytes_ = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes = fuzz::text_of(data, size);
  const Reading expected = Strict(bytes).read();
  for (int way = 0; way < fuzz::ways_to_cut; ++way) {
    const Reading found = guard(bytes, way);
    fuzz::claim(shown(found) == shown(expected), "the framing is read strictly",
                shown(found) + " instead of " + shown(expected));
  }
  return 0;
}
