#include <algorithm>

#include <fmt/format.h>

#include <airouter/call.h>

#include "base/json.h"
#include "base/limits.h"
#include "base/text.h"
#include "protocol/splice.h"

namespace airouter {
namespace {

// More duplicates than any mistake makes: each would be replaced by a longer name, and so swell the request.
constexpr std::size_t duplicates_max = 16;

// Finds the members of the outermost object that decide where a request goes. Used for one scan.
class RequestScan : public json::Handler {
 public:
  bool on_null(json::Span span) override { return scalar(span); }
  bool on_bool(bool value, json::Span span) override {
    if (is_wanted() && member_ == Member::stream) is_stream_ = value;
    return scalar(span);
  }
  bool on_number(std::string_view, json::Span span) override { return scalar(span); }
  bool on_string(std::string_view value, json::Span span) override {
    if (is_wanted() && member_ == Member::model) model(value, span);
    return scalar(span);
  }
  bool on_key(std::string_view key, json::Span) override {
    if (depth_ == 1)
      member_ = key == "model" ? Member::model : key == "stream" ? Member::stream : Member::other;
    return true;
  }
  bool on_start_object(std::size_t) override {
    if (depth_ == 0) is_object_ = true;
    return open();
  }
  bool on_start_array(std::size_t) override { return open(); }
  bool on_end_object(json::Span span) override { return close(span); }
  bool on_end_array(json::Span span) override { return close(span); }

  bool is_object() const { return is_object_; }
  bool is_stream() const { return is_stream_; }
  std::string& name() { return name_; }
  const std::vector<json::Span>& model_places() const { return model_places_; }

  // What makes the request unusable, as a sentence; empty: nothing.
  std::string_view problem(std::string_view body) const;

 private:
  enum class Member { other, model, stream };

  bool is_wanted() const { return depth_ == 1 && is_object_; }
  bool open() { return ++depth_, true; }
  bool close(json::Span span) { return --depth_, scalar(span); }

  // A value has ended.
  bool scalar(json::Span span) {
    if (!is_wanted()) return true;
    if (member_ == Member::model && (model_places_.empty() || model_places_.back().begin != span.begin))
      has_odd_model_ = true;
    if (member_ == Member::stream) stream_places_.push_back(span);
    has_too_many_ = model_places_.size() > duplicates_max || stream_places_.size() > duplicates_max;
    return !has_too_many_;
  }

  void model(std::string_view value, json::Span span) {
    if (model_places_.empty()) {
      // A name that is too long is refused, so it need not be kept.
      name_ = value.substr(0, limits::model_name_bytes_max + 1);
    } else if (value.substr(0, limits::model_name_bytes_max + 1) != name_) {
      has_two_models_ = true;
    }
    model_places_.push_back(span);
  }

  std::size_t depth_ = 0;
  Member member_ = Member::other;  // of the outermost object, the one that is being read
  bool is_object_ = false, is_stream_ = false, has_odd_model_ = false, has_two_models_ = false,
       has_too_many_ = false;
  std::string name_{};
  std::vector<json::Span> model_places_{}, stream_places_{};
};

bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
}

std::string_view RequestScan::problem(std::string_view body) const {
  static_assert(limits::model_name_bytes_max == 512 && duplicates_max == 16, "messages below say so");
  if (!is_object_) return "The request body must be a JSON object.";
  if (has_too_many_) return "`model` or `stream` is given more than 16 times.";
  if (has_odd_model_) return "`model` must be a string that names a model.";
  if (model_places_.empty()) return "`model` is missing: it must name the model to ask.";
  if (has_two_models_) return "`model` is given more than once, with different values.";
  if (name_.size() > limits::model_name_bytes_max) return "`model` is longer than 512 bytes.";
  if (text::trim(name_).empty()) return "`model` is empty: it must name the model to ask.";
  if (!text::is_valid_utf8(name_)) return "`model` is not valid Unicode.";
  if (std::any_of(name_.begin(), name_.end(), is_control)) return "`model` holds control characters.";
  const auto bytes = [&](json::Span span) { return body.substr(span.begin, span.end - span.begin); };
  for (const json::Span& place : stream_places_)
    if (bytes(place) != bytes(stream_places_.front()))
      return "`stream` is given more than once, with different values.";
  return {};
}

Error invalid(std::string message) {
  Error error;
  error.code = ErrorCode::invalid_request;
  error.message = std::move(message);
  return error;
}

std::string broken_json(std::string_view body, const json::ParseError& error) {
  if (text::trim(body).empty()) return "The request body is empty; it must be a JSON object.";
  if (body.starts_with("\xEF\xBB\xBF"))
    return "The request body begins with a byte order mark; JSON must not.";
  const std::string_view before = body.substr(0, error.offset);
  const auto line = 1 + std::count(before.begin(), before.end(), '\n');
  const std::size_t line_begin = before.rfind('\n') == std::string_view::npos ? 0 : before.rfind('\n') + 1;
  return fmt::format("The request body is not valid JSON: {} at line {}, column {} (byte {}).", error.message,
                     line, before.size() - line_begin + 1, error.offset);
}

}  // namespace

Result<ChatRequest> ChatRequest::parse(std::string body, Headers headers) {
  RequestScan scan;
  if (const auto error = json::scan(body, scan)) return invalid(broken_json(body, *error));
  if (const std::string_view problem = scan.problem(body); !problem.empty())
    return invalid(std::string(problem));
  ChatRequest request;
  request.model_ = std::move(scan.name());
  request.stream_ = scan.is_stream();
  for (const json::Span& place : scan.model_places())
    request.model_places_.push_back({place.begin, place.end});
  request.body_ = std::move(body);
  request.headers_ = std::move(headers);
  return request;
}

std::string ChatRequest::body_for(std::string_view model) const {
  std::vector<json::Span> places;
  for (const Place& place : model_places_)
    places.push_back({place.begin, place.end});
  return protocol::splice(body_, places, json::quote(model));
}

}  // namespace airouter
