#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/limits.h"

// The only place that knows RapidJSON. Numbers are never converted while parsing: they stay the text they
// came as.
namespace airouter::json {

// A byte range of the parsed text, half open.
struct Span {
  std::size_t begin = 0, end = 0;
};

struct ParseError {
  std::size_t offset = 0;  // in bytes
  std::string message{};   // lower case, without a full stop
};

struct ParseOptions {
  std::size_t depth_max = limits::json_depth_max;
  bool comments = false;  // accept // and /* */, and a byte order mark at the start
};

// Receives a parse as it goes. Strings are decoded UTF-8 and valid only during the call; an escaped lone
// surrogate, which RFC 8259 allows, decodes to U+FFFD. Returning false stops the parse without an error.
class Handler {
 public:
  virtual ~Handler() = default;
  virtual bool on_null(Span) { return true; }
  virtual bool on_bool(bool, Span) { return true; }
  virtual bool on_number(std::string_view /*text*/, Span) { return true; }
  virtual bool on_string(std::string_view /*value*/, Span) { return true; }
  virtual bool on_key(std::string_view /*key*/, Span) { return true; }
  virtual bool on_start_object(std::size_t /*offset*/) { return true; }
  virtual bool on_end_object(Span) { return true; }  // from brace to brace
  virtual bool on_start_array(std::size_t /*offset*/) { return true; }
  virtual bool on_end_array(Span) { return true; }
};

// Parses exactly one value, strictly by RFC 8259. Nothing: well-formed, or stopped by the handler.
std::optional<ParseError> scan(std::string_view text, Handler& handler, const ParseOptions& options = {});

enum class Kind { null, boolean, number, string, array, object };

struct Member;

// A parsed value that knows where it stood.
struct Value {
  Kind kind = Kind::null;
  Span span{};
  bool boolean = false;
  std::string text{};           // a string, decoded; a number, as written
  std::vector<Value> items{};   // of an array
  std::vector<Member> members;  // of an object, in order, duplicates included

  // The last member of that name, as JavaScript would have it; null if there is none or this is no object.
  const Value* find(std::string_view key) const noexcept;
  bool is_string() const noexcept { return kind == Kind::string; }
  bool is_object() const noexcept { return kind == Kind::object; }
  bool is_array() const noexcept { return kind == Kind::array; }
  bool is_number() const noexcept { return kind == Kind::number; }
};

struct Member {
  std::string key{};
  Span key_span{};
  Value value{};
};

struct Parsed {
  std::optional<Value> value{};
  ParseError error{};  // if there is no value
};

Parsed parse(std::string_view text, const ParseOptions& options = {});

// A number's text as an integer, if it is one that fits (no fraction, no exponent).
std::optional<std::int64_t> to_integer(std::string_view number) noexcept;

// A number's text as a double; nothing if it is out of range.
std::optional<double> to_double(std::string_view number) noexcept;

// `value` as a JSON string with its quotes. Invalid UTF-8 becomes U+FFFD.
std::string quote(std::string_view value);

// Builds JSON text, compact. The caller keeps the nesting right; asserts where it does not.
class Writer {
 public:
  Writer();
  Writer(Writer&&) noexcept;
  ~Writer();

  Writer& begin_object();
  Writer& end_object();
  Writer& begin_array();
  Writer& end_array();
  Writer& key(std::string_view name);
  Writer& string(std::string_view value);
  Writer& integer(std::int64_t value);
  Writer& number(double value);  // not finite: null
  Writer& boolean(bool value);
  Writer& null();
  Writer& raw(std::string_view json);  // already JSON

  // The text so far.
  std::string_view text() const;

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace airouter::json
