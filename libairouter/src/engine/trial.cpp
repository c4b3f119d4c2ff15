#include "engine/trial.h"

#include <algorithm>

#include "base/limits.h"
#include "protocol/endpoint.h"
#include "protocol/header_lists.h"

namespace airouter::engine {
namespace {

AnswerReader::Options reader_options(Core& core, const Config& config, const ChatRequest& request) {
  AnswerReader::Options options;
  options.wants_stream = request.is_stream();
  if (config.rewrite_response_model) options.shown_model = request.model();
  options.budget = &core.body_bytes;
  return options;
}

}  // namespace

Trial::Trial(Core& core, const Config& config, const ChatRequest& request, routing::Planner::Pick pick)
    : core_(core),
      provider_(config.providers[pick.candidate->provider]),
      timeouts_(timeouts_of(config, provider_)),
      started_(core.clock().now()),
      pick_(std::move(pick)),
      reader_(reader_options(core, config, request)),
      body_share_(core.body_bytes),
      output_clock_(started_),
      last_byte_(started_),
      left_at_(started_) {
  HttpRequest http;
  http.url = protocol::chat_url(provider_.base_url);
  http.headers = protocol::request_headers(request.headers(), provider_, request.is_stream());
  // Most requests go out under the name they came with: those are not copied.
  http.body = request.body();
  if (model().name != request.model()) {
    if (!body_share_.grow_to(request.body().size())) {
      reader_.on_no_room();
      return;
    }
    body_ = request.body_for(model().name);
    http.body = body_;
  }
  http.connect_timeout = timeouts_.connect;
  http.proxy = provider_.proxy;
  exchange_ = core.transport().open(http);
}

Trial::~Trial() = default;

TimePoint Trial::deadline() const noexcept {
  // Not even one that trickles in: what an error says is worth less than the client's time.
  if (reader_.is_reading_error()) return head_at_ + std::min(timeouts_.idle, limits::error_body_wait);
  // Comments and events that say nothing do not keep an answer from its end that was given already.
  if (reader_.awaits_end()) {
    const auto wait = reader_.spoke_after_finish() ? timeouts_.idle : limits::stream_end_wait;
    return last_output_ + std::min(timeouts_.idle, wait);
  }
  return reader_.awaits_output() ? output_clock_ + timeouts_.first_output : last_byte_ + timeouts_.idle;
}

Trial::Progress Trial::advance(TimePoint until, const Interrupt* interrupt) {
  const TimePoint now = core_.clock().now();
  forgive_absence(now);
  // The caller may have been away for longer than this attempt's clock: what has come meanwhile came in time.
  const bool is_late = now >= deadline();
  if (is_late && late_reads_++ >= limits::late_reads_max) {
    reader_.on_timeout(false);
    return Progress::made;
  }
  const Progress progress = look(now, is_late ? now : std::min(until, deadline()), interrupt);
  if (progress == Progress::none && is_late && core_.clock().now() >= deadline()) {
    reader_.on_timeout(false);
    return Progress::made;
  }
  if (late_reads_ > 0 && core_.clock().now() < deadline()) late_reads_ = 0;
  return progress;
}

// What there is by `until`.
Trial::Progress Trial::look(TimePoint now, TimePoint until, const Interrupt* interrupt) {
  const Exchange::Event event = exchange_->wait(until, interrupt);
  forgive_pause(now, until);
  switch (event) {
    case Exchange::Event::head:
      last_byte_ = head_at_ = core_.clock().now();
      reader_.on_head(exchange_->head());
      return Progress::made;
    case Exchange::Event::body:
      read_body();
      return Progress::made;
    case Exchange::Event::end:
      body_ = std::string();
      body_share_.release();
      if (exchange_->failure() == TransferFailure::connect_timeout) {
        reader_.on_timeout(true);
      } else if (exchange_->failure() == TransferFailure::no_resources) {
        reader_.on_no_room();
      } else {
        reader_.on_end(exchange_->failure());
      }
      return Progress::made;
    case Exchange::Event::timeout:
      return Progress::none;
    case Exchange::Event::interrupted:
      return Progress::interrupted;
  }
  return Progress::none;
}

void Trial::read_body() {
  last_byte_ = core_.clock().now();
  const auto outputs = reader_.outputs();
  reader_.on_body(exchange_->body());
  if (reader_.outputs() != outputs) last_output_ = last_byte_;
}

// Until an answer begins a provider may wait for this side, to answer a handshake or to send the rest of a
// request, and nobody does so while the caller is away. A caller who only ever looks in has no end of that.
void Trial::forgive_absence(TimePoint now) {
  const bool has_begun = reader_.status() != 0;
  if (has_begun || now - left_at_ < limits::pause_min || absences_ >= limits::absences_max) return;
  ++absences_;
  forgive(now - left_at_);
}

// While this process was stopped it did not do its part, so a provider that waited for it is not to blame:
// none of that wait counts.
void Trial::forgive_pause(TimePoint begun, TimePoint asked_until) {
  left_at_ = core_.clock().now();
  if (left_at_ - asked_until >= limits::pause_min) forgive(left_at_ - begun);
}

void Trial::forgive(TimePoint::duration pause) noexcept {
  output_clock_ += pause;
  last_byte_ += pause;
  last_output_ += pause;
  head_at_ += pause;
}

void Trial::let_tail_arrive(TimePoint until, const Interrupt* interrupt) {
  until = std::min(until, core_.clock().now() + limits::stream_tail_wait);
  for (;;) {
    const Exchange::Event event = exchange_->wait(until, interrupt);
    const bool is_more = event == Exchange::Event::head || event == Exchange::Event::body;
    if (!is_more || core_.clock().now() >= until) return;
  }
}

}  // namespace airouter::engine
