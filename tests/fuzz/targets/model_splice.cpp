// A plain answer or an event whose model is replaced. The first line is the new name, the rest the JSON.
// Claims:
// - the parser takes exactly what RFC 8259 allows, so that no peer reads something else into a body;
// - only the values of top-level `model` members that are strings change, all of them, and every other byte
// stays
//   as it came, by the places of another reader;
// - the result is valid JSON, and its model is the new name;
// - the stream made of an answer is events of valid JSON with that name, and [DONE].
#include "base/json.h"
#include "base/text.h"
#include "fuzz.h"
#include "protocol/answer_judge.h"
#include "protocol/answer_to_stream.h"
#include "protocol/splice.h"
#include "protocol/sse_splitter.h"
#include "protocol/stream_judge.h"
#include "reference_json.h"

using namespace airouter;

namespace {

// Of more duplicates, the product replaces only some.
constexpr std::size_t duplicates_max = 64;

std::vector<json::Span> model_places(const reference::Json& body) {
  std::vector<json::Span> places;
  for (const reference::Member& member : body.members)
    if (member.key == "model" && member.is_string) places.push_back({member.begin, member.end});
  return places;
}

std::string replaced(std::string_view body, const std::vector<json::Span>& places, std::string_view name) {
  std::string out(body);
  for (auto place = places.rbegin(); place != places.rend(); ++place)
    out.replace(place->begin, place->end - place->begin, name);
  return out;
}

void check_name(std::string_view body, std::string_view name) {
  const reference::Json parsed = reference::read_json(body);
  fuzz::claim(parsed.is_valid, "what was spliced is valid JSON", body);
  for (const reference::Member& member : parsed.members)
    fuzz::claim(member.key != "model" || !member.is_string || member.text == name,
                "every model is the new one", body);
}

void check_splice(std::string_view body, const std::vector<json::Span>& found, std::string_view name) {
  const std::vector<json::Span> places = model_places(reference::read_json(body));
  if (places.size() > duplicates_max) return;
  const std::string quoted = json::quote(name);
  const std::string spliced = protocol::splice(body, found, quoted);
  fuzz::claim(spliced == replaced(body, places, quoted), "only the model changes", spliced);
  check_name(spliced, text::valid_utf8(name));
}

void check_stream(std::string_view body, std::string_view name) {
  const auto events = protocol::stream_of_answer(body, name);
  if (!events) return;
  protocol::SseSplitter splitter;
  splitter.feed(*events);
  std::vector<std::string> list;
  while (const auto event = splitter.next())
    list.emplace_back(event->data);
  fuzz::claim(!splitter.has_partial() && (list.size() == 2 || list.size() == 3),
              "an answer is one chunk, perhaps usage, and [DONE]", *events);
  fuzz::claim(list.back() == "[DONE]", "[DONE] is last", *events);
  list.pop_back();
  for (const std::string& event : list)
    check_name(event, text::valid_utf8(name));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view body = fuzz::text_of(data, size);
  const std::string_view name = fuzz::take_line(body);
  json::Handler nothing;
  const auto error = json::scan(body, nothing);
  fuzz::claim(!error == reference::read_json(body).is_valid, "JSON is read as RFC 8259 has it",
              error ? error->message : "accepted");
  fuzz::claim(!error || error->offset <= body.size(), "an error stands in the text");
  fuzz::claim(!error == json::parse(body).value.has_value(), "both ways of parsing agree");

  const protocol::JudgedAnswer answer = protocol::judge_answer(body);
  if (answer.kind == protocol::JudgedAnswer::Kind::good) {
    check_splice(body, answer.model_places, name);
    check_stream(body, name);
  }
  using Kind = protocol::JudgedEvent::Kind;
  protocol::StreamJudge judge;
  const protocol::JudgedEvent event = judge.judge(body, "");
  if (event.kind == Kind::output || event.kind == Kind::silent) check_splice(body, event.model_places, name);
  return 0;
}
