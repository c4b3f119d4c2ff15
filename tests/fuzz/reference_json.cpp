#include "reference_json.h"

namespace reference {
namespace {

constexpr unsigned replacement = 0xFFFD;

void append_utf8(std::string& out, unsigned point) {
  if (point < 0x80) {
    out += static_cast<char>(point);
  } else if (point < 0x800) {
    out += static_cast<char>(0xC0 | point >> 6);
    out += static_cast<char>(0x80 | (point & 0x3F));
  } else if (point < 0x10000) {
    out += static_cast<char>(0xE0 | point >> 12);
    out += static_cast<char>(0x80 | (point >> 6 & 0x3F));
    out += static_cast<char>(0x80 | (point & 0x3F));
  } else {
    out += static_cast<char>(0xF0 | point >> 18);
    out += static_cast<char>(0x80 | (point >> 12 & 0x3F));
    out += static_cast<char>(0x80 | (point >> 6 & 0x3F));
    out += static_cast<char>(0x80 | (point & 0x3F));
  }
}

bool is_high(unsigned unit) {
  return unit >= 0xD800 && unit <= 0xDBFF;
}
bool is_low(unsigned unit) {
  return unit >= 0xDC00 && unit <= 0xDFFF;
}

// Each function returns whether what it was called for stands at at_, and passes it.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  Json read() {
    blanks();
    json_.is_object = peek() == '{';
    json_.is_valid = value() && (blanks(), at_ == text_.size());
    return std::move(json_);
  }

 private:
  int peek() const { return at_ < text_.size() ? static_cast<unsigned char>(text_[at_]) : -1; }
  bool take(char c) {
    const bool is_there = peek() == static_cast<unsigned char>(c);
    if (is_there) ++at_;
    return is_there;
  }
  bool take(std::string_view word) {
    const bool is_there = text_.substr(at_).starts_with(word);
    if (is_there) at_ += word.size();
    return is_there;
  }
  void blanks() {
    while (peek() == ' ' || peek() == '\t' || peek() == '\r' || peek() == '\n')
      ++at_;
  }

  bool value() {
    switch (peek()) {
      case '{':
        return nested([this] { return object(); });
      case '[':
        return nested([this] { return array(); });
      case '"':
        return string(nullptr);
      case 't':
        return take("true");
      case 'f':
        return take("false");
      case 'n':
        return take("null");
      default:
        return number();
    }
  }

  template <class Body>
  bool nested(Body body) {
    ++at_;
    const bool is_fine = ++depth_ <= depth_max && body();
    --depth_;
    return is_fine;
  }

  bool object() {
    blanks();
    if (take('}')) return true;
    do {
      Member member;
      blanks();
      if (!string(&member.key)) return false;
      blanks();
      if (!take(':')) return false;
      blanks();
      member.begin = at_;
      member.is_string = peek() == '"';
      if (!(member.is_string ? string(&member.text) : value())) return false;
      member.end = at_;
      if (depth_ == 1 && json_.is_object) json_.members.push_back(std::move(member));
      blanks();
    } while (take(','));
    return take('}');
  }

  bool array() {
    blanks();
    if (take(']')) return true;
    do {
      blanks();
      if (!value()) return false;
      blanks();
    } while (take(','));
    return take(']');
  }

  bool digits() {
    const std::size_t begin = at_;
    while (peek() >= '0' && peek() <= '9')
      ++at_;
    return at_ > begin;
  }

  bool number() {
    take('-');
    if (!take('0') && !digits()) return false;
    if (take('.') && !digits()) return false;
    if (!take('e') && !take('E')) return true;
    if (!take('+')) take('-');
    return digits();
  }

  bool string(std::string* out) {
    if (!take('"')) return false;
    std::string text;
    while (!take('"')) {
      if (!(peek() == '\\' ? escape(text) : character(text))) return false;
    }
    if (out != nullptr) *out = std::move(text);
    return true;
  }

  bool character(std::string& out) {
    const int first = peek();
    if (first < 0x20) return false;
    ++at_;
    if (first < 0x80) return out += static_cast<char>(first), true;
    const int more = first >= 0xF0 && first <= 0xF4 ? 3 : first >= 0xE0 ? 2 : 1;
    if (first < 0xC2 || first > 0xF4) return false;
    unsigned point = static_cast<unsigned>(first) & (0x3Fu >> more);
    for (int i = 0; i < more; ++i) {
      if (peek() < 0x80 || peek() > 0xBF) return false;
      point = point << 6 | (static_cast<unsigned>(peek()) & 0x3F);
      ++at_;
    }
    const bool is_overlong = (more == 2 && point < 0x800) || (more == 3 && point < 0x10000);
    if (is_overlong || is_high(point) || is_low(point) || point > 0x10FFFF) return false;
    append_utf8(out, point);
    return true;
  }

  bool escape(std::string& out) {
    ++at_;
    constexpr std::string_view names = "\"\\/bfnrt", meanings = "\"\\/\b\f\n\r\t";
    const int c = peek();
    const std::size_t known = c < 0 ? names.npos : names.find(static_cast<char>(c));
    if (known != names.npos) {
      ++at_;
      out += meanings[known];
      return true;
    }
    unsigned unit = 0;
    if (!take('u') || !hexadecimal(unit)) return false;
    if (is_high(unit)) {
      const std::size_t after = at_;
      unsigned low = 0;
      if (take('\\') && take('u') && hexadecimal(low) && is_low(low)) {
        append_utf8(out, 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00));
        return true;
      }
      at_ = after;
    }
    append_utf8(out, is_high(unit) || is_low(unit) ? replacement : unit);
    return true;
  }

  bool hexadecimal(unsigned& unit) {
    for (int i = 0; i < 4; ++i, ++at_) {
      const int c = peek();
      const int digit = c >= '0' && c <= '9'   ? c - '0'
                        : c >= 'a' && c <= 'f' ? c - 'a' + 10
                        : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                               : -1;
      if (digit < 0) return false;
      unit = unit * 16 + static_cast<unsigned>(digit);
    }
    return true;
  }

  const std::string_view text_;
  std::size_t at_ = 0;
  int depth_ = 0;
  Json json_{};
};

}  // namespace

Json read_json(std::string_view text) {
  return Reader(text).read();
}

}  // namespace reference
