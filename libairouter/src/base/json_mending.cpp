#include "base/json_mending.h"

#include <cstdint>
#include <cstring>
#include <string_view>

namespace airouter::json {
namespace {

// The code unit of a \uXXXX escape that begins at `at`, or -1.
int escape_at(std::string_view text, std::size_t at) {
  if (at + 6 > text.size() || text[at] != '\\' || text[at + 1] != 'u') return -1;
  int unit = 0;
  for (std::size_t i = at + 2; i < at + 6; ++i) {
    const char c = text[i];
    const int digit = c >= '0' && c <= '9'   ? c - '0'
                      : c >= 'a' && c <= 'f' ? c - 'a' + 10
                      : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                             : -1;
    if (digit < 0) return -1;
    unit = unit * 16 + digit;
  }
  return unit;
}

bool is_high(int unit) {
  return unit >= 0xD800 && unit <= 0xDBFF;
}
bool is_low(int unit) {
  return unit >= 0xDC00 && unit <= 0xDFFF;
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// A whole part of more digits than this may be too large for a double.
constexpr std::size_t whole_digits_max = 200;

// How many bytes from `s` on, in words of eight, are neither a quote, a backslash nor a control byte: the
// most of any text. A word that holds another byte may be left to the caller without need, never the other
// way round.
std::size_t plain_words(std::string_view s) {
  constexpr std::uint64_t each = 0x0101010101010101u, high_bits = each * 0x80u;
  const auto has_zero = [](std::uint64_t word) { return ((word - each) & ~word & high_bits) != 0; };
  std::size_t passed = 0;
  for (std::uint64_t word = 0; passed + sizeof word <= s.size(); passed += sizeof word) {
    std::memcpy(&word, s.data() + passed, sizeof word);
    const bool has_control = ((word - each * 0x20u) & ~word & high_bits) != 0;
    if (has_control || has_zero(word ^ each * '"') || has_zero(word ^ each * '\\')) break;
  }
  return passed;
}

// One pass that knows whether it is inside a string.
class Mender {
 public:
  explicit Mender(std::string& text) : text_(text) {}

  void run() {
    while (at_ < text_.size()) {
      if (text_[at_] == '"') {
        ++at_;
        pass_string();
      } else if (is_digit(text_[at_])) {
        pass_number();
      } else if ((text_[at_] == 'e' || text_[at_] == 'E') && at_ > 0 && is_digit(text_[at_ - 1])) {
        ++at_;
        pass_exponent();
      } else {
        ++at_;
      }
    }
  }

 private:
  void pass_string() {
    skip_plain();
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '"') {
        ++at_;
        return;
      }
      if (c == '\\') {
        pass_escape();
        skip_plain();
      } else {
        if (c > 0x19 && c < 0x20) text_[at_] = 0x01;
        ++at_;
      }
    }
  }

  void pass_escape() {
    const int unit = escape_at(text_, at_);
    const bool is_pair = is_high(unit) && is_low(escape_at(text_, at_ + 6));
    if ((is_high(unit) && !is_pair) || is_low(unit)) text_.replace(at_ + 2, 4, "FFFD");
    at_ += is_pair ? 12 : unit >= 0 ? 6 : 2;
  }

  void skip_plain() {
    if (at_ < text_.size()) at_ += plain_words(std::string_view(text_).substr(at_));
  }

  // A number that is too long becomes a small one of as many digits: 123.4 becomes 1.2304.
  void pass_number() {
    const std::size_t begin = at_;
    pass_digits();
    const bool is_long = at_ - begin > whole_digits_max && text_[begin] != '0';
    if (is_long) text_[begin + 1] = '.';
    if (at_ + 1 >= text_.size() || text_[at_] != '.' || !is_digit(text_[at_ + 1])) return;
    if (is_long) text_[at_] = '0';
    ++at_;
    pass_digits();
  }

  void pass_digits() {
    while (at_ < text_.size() && is_digit(text_[at_]))
      ++at_;
  }

  void pass_exponent() {
    if (at_ < text_.size() && (text_[at_] == '+' || text_[at_] == '-')) ++at_;
    const std::size_t begin = at_;
    pass_digits();
    if (at_ - begin > 2) text_.replace(begin, at_ - begin, at_ - begin, '0');
  }

  std::string& text_;
  std::size_t at_ = 0;
};

}  // namespace

void mend_json(std::string& text) {
  Mender(text).run();
}

void blank_byte_order_mark(std::string& text) {
  constexpr std::string_view mark = "\xEF\xBB\xBF";
  if (text.starts_with(mark)) text.replace(0, mark.size(), mark.size(), ' ');
}

}  // namespace airouter::json
