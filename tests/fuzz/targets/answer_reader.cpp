// One provider's answer, as the judges see it. The first line says how it comes, in words: `stream`, `cut`,
// `renamed`, a status, a content-type; the rest is its body. Claims:
// - cut into pieces in any way, the answer gets the same verdict, and the client the same bytes;
// - nothing is shown of an answer that was never good, and nothing is committed to that has no output;
// - what tells of an error is never shown, nor any event after one;
// - a stream that is shown is whole events of valid JSON, a line each, with [DONE] at most once, last, and
// only
//   if it is complete; a complete one has it;
// - a plain answer that is shown is a JSON object with choices.
#include "engine/answer_reader.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "base/json.h"
#include "fuzz.h"
#include "reference_json.h"

using namespace airouter;
using engine::AnswerReader;

namespace {

constexpr std::string_view done_event = "data: [DONE]\n\n";

struct Case {
  HttpHead head{.status = 200, .headers = {}};
  AnswerReader::Options options{};
  TransferFailure end = TransferFailure::none;
};

Case read_case(std::string_view line) {
  Case out;
  for (const std::string_view word : fuzz::words_of(line)) {
    int status = 0;
    std::from_chars(word.data(), word.data() + word.size(), status);
    if (word == "stream") {
      out.options.wants_stream = true;
    } else if (word == "cut") {
      out.end = TransferFailure::short_body;
    } else if (word == "renamed") {
      out.options.shown_model = "public";
    } else if (status >= 200 && status <= 599) {
      out.head.status = status;
    } else {
      out.head.headers.emplace_back("content-type", word);
    }
  }
  return out;
}

struct Reading {
  AnswerReader::State state{};
  bool was_good = false;
  std::string output{};
  std::string rest{};  // whatever else an engine asks for
};

Reading read(const Case& from, std::string_view body, int way) {
  AnswerReader reader(from.options);
  Reading result;
  const auto take = [&] {
    // The engine takes output only once it may be shown.
    if (reader.was_good()) result.output += reader.take_output();
  };
  reader.on_head(from.head);
  for (const std::string_view piece : fuzz::cut(body, way)) {
    const bool is_open =
        reader.state() == AnswerReader::State::holding || reader.state() == AnswerReader::State::relaying;
    if (!is_open) break;
    reader.on_body(piece);
    take();
  }
  reader.on_end(from.end);
  take();
  result.state = reader.state();
  result.was_good = reader.was_good();
  fuzz::claim(result.was_good || !reader.has_output(), "nothing is left to be shown of a bad answer");
  if (result.state == AnswerReader::State::failed) {
    result.rest = std::to_string(static_cast<int>(reader.finding())) + " " +
                  std::to_string(reader.told_status()) + " " + reader.detail();
    // Only an error's own body is shown to anybody.
    if (reader.is_reading_error()) result.rest += " " + reader.error_body();
  }
  if (const auto& usage = reader.usage())
    result.rest +=
        " usage " + std::to_string(usage->input_tokens) + "/" + std::to_string(usage->output_tokens);
  return result;
}

std::string shown(const Reading& result) {
  return std::to_string(static_cast<int>(result.state)) + (result.was_good ? " good " : " bad ") +
         result.rest + "\n" + result.output;
}

// Every member of that name.
template <class Holds>
bool any_member(const json::Value& object, std::string_view name, Holds holds) {
  return std::any_of(object.members.begin(), object.members.end(),
                     [&](const json::Member& member) { return member.key == name && holds(member.value); });
}

bool is_words(const json::Value& value) {
  return value.is_string() && !value.text.empty();
}

// Surely an error, by a plainer look than the judge's.
bool tells_of_error(const json::Value& answer) {
  const auto says = [](const json::Value& error) {
    return is_words(error) || any_member(error, "message", is_words) || any_member(error, "code", is_words);
  };
  const auto is_false = [](const json::Value& value) {
    return value.kind == json::Kind::boolean && !value.boolean;
  };
  return any_member(answer, "error", says) || any_member(answer, "success", is_false);
}

// Whether there is anything in the event that could be output: more than a role and empty members.
bool may_have_output(const json::Value& event) {
  const auto is_something = [](const json::Value& value) {
    return is_words(value) || value.is_number() || value.boolean || !value.items.empty() ||
           !value.members.empty();
  };
  const auto says = [&](const json::Value& choice) {
    return any_member(choice, "finish_reason", is_words) || any_member(choice, "text", is_words) ||
           any_member(choice, "delta", [&](const json::Value& delta) {
             return std::any_of(delta.members.begin(), delta.members.end(), [&](const auto& member) {
               return member.key != "role" && is_something(member.value);
             });
           });
  };
  return any_member(event, "choices", [&](const json::Value& choices) {
    return std::any_of(choices.items.begin(), choices.items.end(), says);
  });
}

void check_event(std::string_view data, bool& has_output) {
  fuzz::claim(reference::read_json(data).is_valid, "an event is valid JSON", data);
  const json::Parsed parsed = json::parse(data);
  fuzz::claim(parsed.value && parsed.value->is_object(), "an event is an object", data);
  fuzz::claim(!tells_of_error(*parsed.value), "no error is shown", data);
  has_output = has_output || may_have_output(*parsed.value);
}

void check_stream(const Reading& result) {
  std::string_view rest = result.output;
  bool has_output = false, is_done = false;
  while (!rest.empty()) {
    fuzz::claim(!is_done, "nothing comes after [DONE]", result.output);
    const std::size_t end = rest.find("\n\n");
    fuzz::claim(rest.starts_with("data: ") && end != std::string_view::npos, "events are whole",
                result.output);
    const std::string_view event = rest.substr(0, end + 2);
    rest.remove_prefix(event.size());
    is_done = event == done_event;
    const std::string_view data = event.substr(6, event.size() - 8);
    fuzz::claim(data.find_first_of("\r\n") == std::string_view::npos, "an event is one line", result.output);
    if (!is_done) check_event(data, has_output);
  }
  fuzz::claim(has_output || !result.was_good, "nothing is committed to without output", result.output);
  fuzz::claim(is_done == (result.state == AnswerReader::State::complete), "[DONE] stands for completeness",
              result.output);
}

void check_plain(const Reading& result) {
  fuzz::claim(result.state == AnswerReader::State::complete, "a plain answer is shown whole");
  fuzz::claim(reference::read_json(result.output).is_object, "a plain answer is an object", result.output);
  const json::Parsed parsed = json::parse(result.output);
  fuzz::claim(parsed.value.has_value(), "a plain answer is JSON", result.output);
  fuzz::claim(!tells_of_error(*parsed.value), "no error is shown", result.output);
  const auto has_object = [](const json::Value& choices) {
    return std::any_of(choices.items.begin(), choices.items.end(),
                       [](const json::Value& choice) { return choice.is_object(); });
  };
  fuzz::claim(any_member(*parsed.value, "choices", has_object), "a plain answer has choices", result.output);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view body = fuzz::text_of(data, size);
  const Case from = read_case(fuzz::take_line(body));
  const Reading whole = read(from, body, 0);
  for (int way = 1; way < fuzz::ways_to_cut; ++way) {
    const Reading pieces = read(from, body, way);
    fuzz::claim(shown(pieces) == shown(whole), "cutting the answer changes nothing",
                shown(whole) + "\nbut in pieces\n" + shown(pieces));
  }
  const bool is_over =
      whole.state == AnswerReader::State::complete || whole.state == AnswerReader::State::failed;
  fuzz::claim(is_over, "an end ends the answer");
  fuzz::claim(whole.was_good || whole.output.empty(), "nothing is shown of a bad answer", whole.output);
  if (whole.was_good && from.options.wants_stream) check_stream(whole);
  if (whole.was_good && !from.options.wants_stream) check_plain(whole);
  return 0;
}
