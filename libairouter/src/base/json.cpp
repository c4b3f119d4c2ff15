#include "base/json.h"

#include <charconv>
#include <cmath>
#include <cstring>

#ifdef __SSE2__
#define RAPIDJSON_SSE2  // strings and blanks are passed 16 bytes at a time
#endif
#include <rapidjson/error/en.h>
#include <rapidjson/reader.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include "base/json_mending.h"
#include "base/text.h"

// RapidJSON would read tokens through a copy of the stream, and the one it was given would not tell where it
// is.
template <>
struct rapidjson::StreamTraits<rapidjson::InsituStringStream> {
  enum { copyOptimization = 0 };
};

namespace airouter::json {
namespace {

// RapidJSON tells a handler where a token ended but not where it began: from the last token's end on, only
// blanks, separators and comments can stand before it.
class Adapter {
 public:
  Adapter(std::string_view text, rapidjson::InsituStringStream& stream, Handler& handler,
          const ParseOptions& options)
      : text_(text),
        stream_(stream),
        handler_(handler),
        options_(options),
        last_end_(options.comments && text.starts_with("\xEF\xBB\xBF") ? 3 : 0) {}

  bool Null() { return handler_.on_null(span()); }
  bool Bool(bool value) { return handler_.on_bool(value, span()); }
  bool RawNumber(const char*, rapidjson::SizeType, bool) {
    const Span place = span();
    return handler_.on_number(text_.substr(place.begin, place.end - place.begin), place);
  }
  bool String(const char* s, rapidjson::SizeType n, bool) { return handler_.on_string({s, n}, span()); }
  bool Key(const char* s, rapidjson::SizeType n, bool) { return handler_.on_key({s, n}, span()); }
  bool StartObject() { return start() && handler_.on_start_object(open_.back()); }
  bool EndObject(rapidjson::SizeType) { return handler_.on_end_object(close()); }
  bool StartArray() { return start() && handler_.on_start_array(open_.back()); }
  bool EndArray(rapidjson::SizeType) { return handler_.on_end_array(close()); }

  // Never called: numbers come as text.
  bool Int(int) { return false; }
  bool Uint(unsigned) { return false; }
  bool Int64(std::int64_t) { return false; }
  bool Uint64(std::uint64_t) { return false; }
  bool Double(double) { return false; }

  bool is_too_deep() const { return too_deep_; }

 private:
  bool start() {
    if (open_.size() >= options_.depth_max) {
      too_deep_ = true;
      return false;
    }
    open_.push_back(bracket());
    return true;
  }

  Span close() {
    const std::size_t begin = open_.back();
    open_.pop_back();
    return {begin, bracket() + 1};
  }

  // Where the bracket stands that is being reported. Whether the stream has passed it depends on the release.
  std::size_t bracket() {
    const std::size_t at = skip_separators(last_end_);
    last_end_ = at + 1;
    return at;
  }

  Span span() {
    const std::size_t begin = skip_separators(last_end_);
    last_end_ = stream_.Tell();
    return {begin, last_end_};
  }

  static bool is_separator(char c) {
    return c == ',' || c == ':' || c == ' ' || c == '\n' || c == '\r' || c == '\t';
  }

  std::size_t skip_separators(std::size_t at) const {
    for (;;) {
      while (at < text_.size() && is_separator(text_[at]))
        ++at;
      if (!options_.comments || at + 1 >= text_.size() || text_[at] != '/') return at;
      const bool is_line = text_[at + 1] == '/';
      const std::size_t end = text_.find(is_line ? "\n" : "*/", at + 2);
      if (end == std::string_view::npos) return text_.size();
      at = end + (is_line ? 1 : 2);
    }
  }

  const std::string_view text_;
  rapidjson::InsituStringStream& stream_;
  Handler& handler_;
  const ParseOptions& options_;
  std::vector<std::size_t> open_{};  // where each open object or array begins
  std::size_t last_end_;
  bool too_deep_ = false;
};

std::string reason(rapidjson::ParseErrorCode code) {
  std::string message = rapidjson::GetParseError_En(code);
  if (!message.empty() && message.back() == '.') message.pop_back();
  if (message.size() > 1 && message[1] != 'T') message[0] = text::lower(message[0]);
  return message;
}

// RapidJSON decodes strings where they stand, and reads up to the end of a block of 16 bytes.
std::string padded_copy(std::string_view text) {
  constexpr std::size_t padding = 16;
  std::string copy;
  copy.reserve(text.size() + padding);
  copy.append(text).append(padding, '\0');
  return copy;
}

// RapidJSON checks encodings a character at a time; text that is known to be right is spared it.
rapidjson::ParseResult parse_in_place(rapidjson::Reader& reader, rapidjson::InsituStringStream& stream,
                                      Adapter& adapter, std::string_view text, const ParseOptions& options) {
  constexpr unsigned flags =
      rapidjson::kParseIterativeFlag | rapidjson::kParseInsituFlag | rapidjson::kParseNumbersAsStringsFlag;
  constexpr unsigned checked = flags | rapidjson::kParseValidateEncodingFlag;
  if (options.comments) return reader.Parse<checked | rapidjson::kParseCommentsFlag>(stream, adapter);
  return text::is_valid_utf8(text) ? reader.Parse<flags>(stream, adapter)
                                   : reader.Parse<checked>(stream, adapter);
}

// Builds a Value from a parse.
class TreeBuilder : public Handler {
 public:
  bool on_null(Span span) override { return add(Kind::null, span), true; }
  bool on_bool(bool value, Span span) override { return add(Kind::boolean, span).boolean = value, true; }
  bool on_number(std::string_view text, Span span) override {
    return add(Kind::number, span).text = text, true;
  }
  bool on_string(std::string_view value, Span span) override {
    return add(Kind::string, span).text = value, true;
  }
  bool on_key(std::string_view key, Span span) override {
    open_.back()->members.push_back({std::string(key), span, {}});
    return true;
  }
  bool on_start_object(std::size_t) override { return open_.push_back(&add(Kind::object, {})), true; }
  bool on_start_array(std::size_t) override { return open_.push_back(&add(Kind::array, {})), true; }
  bool on_end_object(Span span) override { return close(span); }
  bool on_end_array(Span span) override { return close(span); }

  Value take() { return std::move(root_); }

 private:
  // Pointers to open values stay valid: only the innermost open container grows.
  Value& add(Kind kind, Span span) {
    Value* place = &root_;
    if (!open_.empty()) {
      Value& parent = *open_.back();
      place = parent.kind == Kind::array ? &parent.items.emplace_back() : &parent.members.back().value;
    }
    place->kind = kind;
    place->span = span;
    return *place;
  }

  bool close(Span span) {
    open_.back()->span = span;
    open_.pop_back();
    return true;
  }

  Value root_{};
  std::vector<Value*> open_{};
};

}  // namespace

std::optional<ParseError> scan(std::string_view text, Handler& handler, const ParseOptions& options) {
  if (const std::size_t nul = text.find('\0'); nul != std::string_view::npos)
    return ParseError{nul, "a NUL byte"};  // RapidJSON takes it for the end of the text

  std::string copy = padded_copy(text);
  options.comments ? blank_byte_order_mark(copy) : mend_json(copy);
  rapidjson::InsituStringStream stream(copy.data());
  Adapter adapter(text, stream, handler, options);
  rapidjson::Reader reader;
  const rapidjson::ParseResult result = parse_in_place(reader, stream, adapter, text, options);
  if (adapter.is_too_deep()) return ParseError{stream.Tell(), "nested too deeply"};
  if (!result.IsError() || result.Code() == rapidjson::kParseErrorTermination) return std::nullopt;
  return ParseError{result.Offset(), reason(result.Code())};
}

const Value* Value::find(std::string_view key) const noexcept {
  const Value* found = nullptr;
  for (const Member& member : members)
    if (member.key == key) found = &member.value;
  return found;
}

Parsed parse(std::string_view text, const ParseOptions& options) {
  TreeBuilder builder;
  if (auto error = scan(text, builder, options)) return {std::nullopt, *std::move(error)};
  return {builder.take(), {}};
}

std::optional<std::int64_t> to_integer(std::string_view number) noexcept {
  std::int64_t value = 0;
  const char* end = number.data() + number.size();
  const auto [stop, error] = std::from_chars(number.data(), end, value);
  return error == std::errc{} && stop == end ? std::optional(value) : std::nullopt;
}

std::optional<double> to_double(std::string_view number) noexcept {
  double value = 0;
  const char* end = number.data() + number.size();
  const auto [stop, error] = std::from_chars(number.data(), end, value);
  return error == std::errc{} && stop == end && std::isfinite(value) ? std::optional(value) : std::nullopt;
}

struct Writer::Implementation {
  rapidjson::StringBuffer buffer{};
  // With a flag, RapidJSON does without its way of 16 bytes at a time, which leaves control bytes from 0x1A
  // on unescaped.
  using Utf8 = rapidjson::UTF8<>;
  rapidjson::Writer<rapidjson::StringBuffer, Utf8, Utf8, rapidjson::CrtAllocator,
                    rapidjson::kWriteValidateEncodingFlag>
      writer{buffer};
};

namespace {

rapidjson::SizeType size(std::string_view s) {
  return static_cast<rapidjson::SizeType>(s.size());
}

}  // namespace

Writer::Writer() : implementation_(std::make_unique<Implementation>()) {}
Writer::Writer(Writer&&) noexcept = default;
Writer::~Writer() = default;

Writer& Writer::begin_object() {
  return implementation_->writer.StartObject(), *this;
}
Writer& Writer::end_object() {
  return implementation_->writer.EndObject(), *this;
}
Writer& Writer::begin_array() {
  return implementation_->writer.StartArray(), *this;
}
Writer& Writer::end_array() {
  return implementation_->writer.EndArray(), *this;
}
Writer& Writer::key(std::string_view name) {
  return string(name);
}
Writer& Writer::string(std::string_view value) {
  // RapidJSON's writer passes invalid UTF-8 on as it is.
  if (!text::is_valid_utf8(value)) return string(text::valid_utf8(value));
  implementation_->writer.String(value.data(), size(value));
  return *this;
}
Writer& Writer::integer(std::int64_t value) {
  return implementation_->writer.Int64(value), *this;
}
Writer& Writer::number(double value) {
  if (!std::isfinite(value)) return null();
  return implementation_->writer.Double(value), *this;
}
Writer& Writer::boolean(bool value) {
  return implementation_->writer.Bool(value), *this;
}
Writer& Writer::null() {
  return implementation_->writer.Null(), *this;
}
Writer& Writer::raw(std::string_view json) {
  implementation_->writer.RawValue(json.data(), json.size(), rapidjson::kObjectType);
  return *this;
}
std::string_view Writer::text() const {
  return {implementation_->buffer.GetString(), implementation_->buffer.GetSize()};
}

std::string quote(std::string_view value) {
  Writer writer;
  writer.string(value);
  return std::string(writer.text());
}

}  // namespace airouter::json
