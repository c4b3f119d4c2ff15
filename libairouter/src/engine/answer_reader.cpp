#include "engine/answer_reader.h"

#include <algorithm>
#include <utility>

#include "base/json.h"
#include "base/limits.h"
#include "base/text.h"
#include "protocol/answer_judge.h"
#include "protocol/answer_to_stream.h"
#include "protocol/splice.h"

namespace airouter::engine {
namespace {

constexpr std::string_view done_event = "data: [DONE]\n\n";

bool is_success(int status) {
  return status >= 200 && status < 300;
}

bool says_event_stream(const Headers& headers) {
  return text::starts_with_ignoring_case(find_header(headers, "content-type"), "text/event-stream");
}

std::string message_of(const protocol::ErrorFacts& facts, std::string_view otherwise) {
  if (!facts.message.empty()) return facts.message;
  if (!facts.code.empty()) return facts.code;
  return facts.type.empty() ? std::string(otherwise) : facts.type;
}

}  // namespace

AnswerReader::AnswerReader(Options options)
    : options_(std::move(options)),
      shown_model_json_(options_.shown_model ? json::quote(*options_.shown_model) : std::string()) {
  if (options_.budget != nullptr) share_ = ByteBudget::Share(*options_.budget);
}

void AnswerReader::on_head(const HttpHead& head) {
  head_ = head;
  if (!is_success(head.status)) {
    mode_ = Mode::error;
  } else if (options_.wants_stream) {
    mode_ = Mode::sniffing;
  } else if (says_event_stream(head.headers)) {
    fail(Finding::sse_to_plain, "a stream although none was asked for");
  } else {
    mode_ = Mode::plain;
  }
}

void AnswerReader::on_body(std::string_view bytes) {
  switch (mode_) {
    case Mode::nothing:
      return;
    case Mode::error:
      return collect_error(bytes);
    case Mode::sniffing:
      held_ += bytes;
      return sniff();
    case Mode::plain:
      return collect_answer(bytes);
    case Mode::events:
      splitter_.feed(bytes);
      read_events();
      return account();
  }
}

// What a streamed request got is told by its first character, since many providers mislabel it. Blanks and
// byte order marks before it are dropped as they come: there may be many.
void AnswerReader::sniff() {
  constexpr std::string_view mark = "\xEF\xBB\xBF";
  std::size_t start = 0;
  for (std::size_t before = 1; before != start;) {
    before = start;
    if (std::string_view(held_).substr(start).starts_with(mark)) start += mark.size();
    start = std::min(held_.find_first_not_of(" \t\r\n", start), held_.size());
  }
  blanks_ += start;
  held_.erase(0, start);
  if (blanks_ > limits::held_events_bytes_max) return fail(Finding::bad_answer, "nothing but blanks");
  if (held_.empty() || mark.starts_with(held_)) return;
  if (held_.front() == '<') return fail(Finding::bad_answer, "HTML instead of an answer");
  const bool is_json = held_.front() == '{' || held_.front() == '[';
  mode_ = is_json ? Mode::plain : Mode::events;
  on_body(std::exchange(held_, {}));
}

// A success is held whole: half of one is none.
void AnswerReader::collect_answer(std::string_view bytes) {
  if (held_.size() + bytes.size() > limits::plain_answer_bytes_max)
    return fail(Finding::bad_answer, "an answer of more than 64 MiB");
  if (!share_.grow_to(held_.size() + bytes.size())) return on_no_room();
  held_ += bytes;
}

// What an error says beyond its bound is read by nobody, and may never end.
void AnswerReader::collect_error(std::string_view bytes) {
  const std::size_t room = limits::error_body_bytes_max - held_.size();
  held_ += bytes.substr(0, room);
  if (bytes.size() <= room) return;
  error_body_whole_ = false;
  end_of_error();
}

// What is complete may go out, however much it is.
void AnswerReader::account() {
  const std::size_t held = splitter_.held_bytes() + output_.size();
  const bool fits = share_.resize(held > limits::uncounted_event_bytes ? held : 0);
  if (!fits && (state_ == State::holding || state_ == State::relaying)) on_no_room();
}

void AnswerReader::read_events() {
  while (state_ == State::holding || state_ == State::relaying) {
    const auto event = splitter_.next();
    if (!event) break;
    take_event(*event);
  }
  const bool is_open = state_ == State::holding || state_ == State::relaying;
  if (is_open && splitter_.overflowed()) {
    fail(was_good_ ? Finding::error_after_output : Finding::bad_answer, "an event of more than 16 MiB");
  } else if (state_ == State::holding && output_.size() > limits::held_events_bytes_max) {
    fail(Finding::bad_answer, "1 MiB of events without any output");
  }
}

void AnswerReader::take_event(const protocol::SseSplitter::Event& event) {
  using Kind = protocol::JudgedEvent::Kind;
  const bool was_finished = judge_.is_complete();
  protocol::JudgedEvent judged = judge_.judge(event.data, event.name);
  if (judged.usage) usage_ = judged.usage;
  switch (judged.kind) {
    case Kind::silent:
      return relay(event.data, judged);
    case Kind::output:
      spoke_after_finish_ = spoke_after_finish_ || was_finished;
      relay(event.data, judged);
      return commit();
    case Kind::done:
      if (!was_good_) return fail(Finding::no_output, "a stream without any output");
      output_ += done_event;
      state_ = State::complete;
      return;
    case Kind::error:
      return fail_as_told(judged.error, "an error event");
    case Kind::bad:
      return fail(was_good_ ? Finding::error_after_output : Finding::bad_answer, judged.reason);
  }
}

void AnswerReader::relay(std::string_view data, const protocol::JudgedEvent& judged) {
  output_ += "data: ";
  if (options_.shown_model) {
    protocol::append_spliced(output_, data, judged.model_places, shown_model_json_);
  } else {
    output_ += data;
  }
  output_ += "\n\n";
}

void AnswerReader::commit() {
  was_good_ = true;
  ++outputs_;
  if (state_ == State::holding) state_ = State::relaying;
}

void AnswerReader::on_end(TransferFailure failure) {
  if (state_ != State::holding && state_ != State::relaying) return;
  switch (mode_) {
    case Mode::nothing:
      return fail(find_in_transfer(failure == TransferFailure::none ? TransferFailure::reset : failure,
                                   Phase::before_head),
                  {});
    case Mode::error:
      error_body_whole_ = error_body_whole_ && failure == TransferFailure::none;
      return end_of_error();
    case Mode::sniffing:
      return fail(Finding::bad_answer,
                  failure == TransferFailure::none ? "an empty body" : "a body cut short");
    case Mode::plain:
      return end_of_plain(failure);
    case Mode::events:
      return end_of_events(failure);
  }
}

void AnswerReader::end_of_error() {
  const protocol::ErrorFacts facts = protocol::read_error(held_);
  fail(find_in_answer(head_.status, head_.headers, held_), message_of(facts, {}));
}

void AnswerReader::end_of_plain(TransferFailure failure) {
  if (failure != TransferFailure::none) return fail(Finding::bad_answer, "a body cut short");
  if (!options_.wants_stream && protocol::looks_like_events(held_))
    return fail(Finding::sse_to_plain, "a stream although none was asked for");
  using Kind = protocol::JudgedAnswer::Kind;
  const protocol::JudgedAnswer judged = protocol::judge_answer(held_);
  if (judged.kind == Kind::error) return fail_as_told(judged.error, "an error in a success");
  if (judged.kind == Kind::bad) return fail(Finding::bad_answer, judged.reason);
  usage_ = judged.usage;
  if (options_.wants_stream) {
    auto events = protocol::stream_of_answer(held_, options_.shown_model);
    if (!events) return fail(Finding::bad_answer, "an answer that is no chat completion");
    output_ = *std::move(events);
  } else if (options_.shown_model && !protocol::reads(held_, judged.model_places, shown_model_json_)) {
    output_ = protocol::splice(held_, judged.model_places, shown_model_json_);
  } else {
    output_ = std::move(held_);
  }
  held_ = std::string();
  commit();
  state_ = State::complete;
}

// Completeness is judged by what was said, not by how the socket closed.
void AnswerReader::end_of_events(TransferFailure failure) {
  splitter_.finish();
  read_events();
  if (state_ != State::holding && state_ != State::relaying) return;
  if (was_good_ && judge_.is_complete()) {
    output_ += done_event;
    state_ = State::complete;
  } else if (was_good_) {
    fail(Finding::cut_after_output, "the stream was cut");
  } else {
    const bool is_cut = failure != TransferFailure::none;
    fail(is_cut ? Finding::bad_answer : Finding::no_output,
         is_cut ? "a body cut short" : "a stream without any output");
  }
}

void AnswerReader::on_timeout(bool while_connecting) {
  if (mode_ == Mode::error) {
    error_body_whole_ = false;
    return end_of_error();
  }
  if (was_good_ && mode_ == Mode::events && judge_.is_complete()) return on_end(TransferFailure::reset);
  if (was_good_) return fail(Finding::stalled_after_output, "the stream stalled");
  fail(while_connecting ? Finding::connect_timed_out : Finding::no_output_in_time, {});
}

void AnswerReader::fail(Finding finding, std::string detail) {
  // Output that was never good must not be shown.
  if (!was_good_) output_.clear();
  finding_ = finding;
  detail_ = std::move(detail);
  state_ = State::failed;
}

void AnswerReader::fail_as_told(const protocol::ErrorFacts& facts, std::string_view otherwise) {
  told_status_ = facts.status;
  if (held_.size() > limits::error_body_bytes_max) error_body_whole_ = false;
  fail(find_in_facts(head_.status, facts), message_of(facts, otherwise));
}

bool AnswerReader::awaits_output() const noexcept {
  const bool has_plain_head = mode_ == Mode::plain || mode_ == Mode::error;
  return !was_good_ && !has_plain_head;
}

std::string AnswerReader::take_output() noexcept {
  taken_ = output_.size();
  return std::exchange(output_, {});
}

void AnswerReader::let_go() noexcept {
  if (std::exchange(taken_, 0) > limits::uncounted_event_bytes) account();
}

std::string_view AnswerReader::content_type() const noexcept {
  return options_.wants_stream ? "text/event-stream" : "application/json";
}

}  // namespace airouter::engine
