#include "protocol/answer_to_stream.h"

#include <algorithm>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "protocol/answer_judge.h"
#include "protocol/path_handler.h"
#include "protocol/splice.h"

namespace airouter::protocol {
namespace {

// Far more than the tool calls of any real answer.
constexpr std::size_t edits_max = 65'536;

constexpr std::string_view chunk_object = R"("chat.completion.chunk")";

struct Edit {
  json::Span place{};
  std::string text{};
};

// Finds what must differ between a plain answer and a chunk. Used for one scan.
class ChunkScan : public PathHandler {
 public:
  std::vector<Edit> take_edits() {
    if (!has_object_)
      edits_.push_back({{1 + begin_, 1 + begin_}, fmt::format("\"object\":{},", chunk_object)});
    return std::move(edits_);
  }

  bool has_message() const { return has_message_; }
  bool has_too_many_edits() const { return edits_.size() > edits_max; }
  json::Span usage() const { return usage_; }  // of the object; empty: there is none
  json::Span id() const { return id_; }
  json::Span created() const { return created_; }

 protected:
  void found_key(json::Span key) override {
    has_key_ = true;
    if (path() == "choices[].message") edits_.push_back({key, "\"delta\""});
    if (path() == "choices[].index") has_index_ = true;
    if (path() == "choices[].message.tool_calls[].index") has_tool_index_ = true;
  }

  void found_leaf(const Leaf& leaf) override {
    if (path() == "object") replace_object(leaf.span);
    if (path() == "id" && leaf.kind == json::Kind::string) id_ = leaf.span;
    if (path() == "created" && leaf.kind == json::Kind::number) created_ = leaf.span;
  }

  void found_open(json::Kind kind, std::size_t offset) override {
    has_key_ = false;
    if (path().empty()) begin_ = offset;
    if (path() == "choices") choices_ = 0;
    if (path() == "choices[]") has_index_ = kind != json::Kind::object;
    if (path() == "choices[].message") has_message_ = has_message_ || kind == json::Kind::object;
    if (path() == "choices[].message.tool_calls") tool_calls_ = 0;
    if (path() == "choices[].message.tool_calls[]") has_tool_index_ = kind != json::Kind::object;
  }

  void found_close(json::Kind kind, json::Span span) override {
    if (path() == "object") replace_object(span);
    if (path() == "choices[]") number(span, choices_++, has_index_);
    if (path() == "choices[].message.tool_calls[]") number(span, tool_calls_++, has_tool_index_);
    if (path() == "usage" && kind == json::Kind::object) {
      usage_ = span;
      edits_.push_back({span, "null"});
    }
    has_key_ = true;  // of the container around this one, if that is an object
  }

 private:
  void replace_object(json::Span span) {
    has_object_ = true;
    edits_.push_back({span, std::string(chunk_object)});
  }

  // SDKs put the pieces of a stream together by `index`, which plain answers need not have.
  void number(json::Span object, std::size_t index, bool has_index) {
    if (has_index || has_too_many_edits()) return;
    const std::size_t inside = object.begin + 1;
    edits_.push_back({{inside, inside}, fmt::format("\"index\":{}{}", index, has_key_ ? "," : "")});
  }

  bool has_key_ = false;  // the innermost open object has a member
  bool has_object_ = false, has_message_ = false, has_index_ = false, has_tool_index_ = false;
  std::size_t begin_ = 0, choices_ = 0, tool_calls_ = 0;
  json::Span usage_{}, id_{}, created_{};
  std::vector<Edit> edits_{};
};

std::string_view bytes(std::string_view body, json::Span span) {
  return body.substr(span.begin, span.end - span.begin);
}

// An insertion goes before what is replaced at its place.
bool stands_before(const Edit& a, const Edit& b) {
  return std::pair(a.place.begin, a.place.end) < std::pair(b.place.begin, b.place.end);
}

std::string edited(std::string_view body, std::vector<Edit> edits) {
  std::stable_sort(edits.begin(), edits.end(), stands_before);
  std::string out;
  out.reserve(body.size() + 64);
  std::size_t copied = 0;
  for (const Edit& edit : edits) {
    if (edit.place.begin < copied) continue;
    out += body.substr(copied, edit.place.begin - copied);
    out += edit.text;
    copied = edit.place.end;
  }
  return out += body.substr(copied);
}

std::string usage_event(std::string_view body, const ChunkScan& scan, std::string_view model) {
  std::string out = "{";
  if (scan.id().end > 0) out += fmt::format("\"id\":{},", bytes(body, scan.id()));
  out += fmt::format("\"object\":{},", chunk_object);
  if (scan.created().end > 0) out += fmt::format("\"created\":{},", bytes(body, scan.created()));
  if (!model.empty()) out += fmt::format("\"model\":{},", model);
  return out += fmt::format("\"choices\":[],\"usage\":{}}}", bytes(body, scan.usage()));
}

// Line ends stand only between the tokens of valid JSON, never inside a string.
std::string data_line(std::string json) {
  std::replace_if(
      json.begin(), json.end(), [](char c) { return c == '\r' || c == '\n'; }, ' ');
  return "data: " + json + "\n\n";
}

}  // namespace

std::optional<std::string> stream_of_answer(std::string_view body, std::optional<std::string_view> model) {
  const JudgedAnswer judged = judge_answer(body);
  if (judged.kind != JudgedAnswer::Kind::good) return std::nullopt;
  ChunkScan scan;
  if (json::scan(body, scan) || !scan.has_message() || scan.has_too_many_edits()) return std::nullopt;
  const std::string name = model ? json::quote(*model) : "";
  std::vector<Edit> edits = scan.take_edits();
  if (model) {
    for (const json::Span& place : judged.model_places)
      edits.push_back({place, name});
  }
  std::string out = data_line(edited(body, std::move(edits)));
  if (scan.usage().end > 0) {
    const bool has_model = !judged.model_places.empty();
    const std::string_view shown = model       ? std::string_view(name)
                                   : has_model ? bytes(body, judged.model_places.back())
                                               : "";
    out += data_line(usage_event(body, scan, shown));
  }
  return out += "data: [DONE]\n\n";
}

}  // namespace airouter::protocol
