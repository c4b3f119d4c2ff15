#include "engine/call_run.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/limits.h"
#include "engine/failure_report.h"
#include "engine/retry_after.h"
#include "protocol/header_lists.h"

namespace airouter {

using engine::AnswerReader;
using routing::Planner;

Call::Implementation::Implementation(std::shared_ptr<engine::Core> core, ChatRequest request,
                                     const CallOptions& options)
    : core_(std::move(core)),
      request_(std::move(request)),
      routes_(core_->routes()),
      interrupt_(options.interrupt),
      started_(core_->clock().now()),
      deadline_(started_ + std::min(options.total.value_or(config().timeouts.total), limits::call_time_max)),
      planner_(routes_->candidates(request_.model())) {
  summary_.id = core_->next_call_id();
  summary_.context = options.context;
  summary_.model = request_.model();
  summary_.stream = request_.is_stream();
  core_->retry_budget.call_begins();
  core_->observer().on_call_started(summary_);
}

Call::Implementation::~Implementation() {
  is_inside_ = true;  // nobody may drive it any more
  cancel();
}

Call::Event Call::Implementation::next(TimePoint until) {
  let_go_of_data();
  for (;;) {
    std::optional<Event> event;
    switch (state_) {
      case State::planned:
        plan();
        break;
      case State::waiting:
        event = sleep(until);
        break;
      case State::trying:
        event = try_on(until);
        break;
      case State::answered:
        return Event::end;
      case State::failed:
        return Event::failed;
    }
    if (event) return *event;
    if (is_forsaken_) return Event::failed;  // by an observer: nobody else is asked any more
  }
}

// Its memory, too: a caller who was slow to take it may now wait long for more.
void Call::Implementation::let_go_of_data() {
  if (data_.empty()) return;
  data_ = std::string();
  if (trial_) trial_->reader().let_go();
}

void Call::Implementation::plan() {
  const TimePoint now = core_->clock().now();
  // An exchange looks before it sends anything; asking here, too, costs every call a system call.
  const bool is_failover = !summary_.attempts.empty();
  if (is_failover && interrupt_ != nullptr && interrupt_->triggered()) return cancel();
  if (now >= deadline_) return fail(engine::out_of_time(summary_, false));
  if (static_cast<int>(summary_.attempts.size()) >= config().max_retries) return give_up();
  // The first failover of a call is always free.
  if (summary_.attempts.size() >= 2 && planner_.has_untried()) {
    uses_retry_budget_ = uses_retry_budget_ || core_->retry_budget.try_take();
    if (!uses_retry_budget_) {
      summary_.skipped.push_back({{}, {}, SkipReason::retry_budget, {}});
      return give_up();
    }
  }
  if (auto pick = planner_.pick(now, core_->random)) return start_attempt(*std::move(pick), false);
  wait_or_insist();
  if (state_ != State::trying) give_budget_back();
}

// Nobody is usable: wait if it is short, else try one against its cooldown, but seldom.
void Call::Implementation::wait_or_insist() {
  const TimePoint now = core_->clock().now();
  const Planner::Standstill standstill = planner_.standstill(now);
  if (!standstill.soonest) return give_up();
  if (!patience_) patience_ = now + limits::cooldown_wait_max;
  if (*standstill.soonest <= std::min(*patience_, deadline_)) {
    wake_ = standstill.soonest;
    state_ = State::waiting;
    return;
  }
  if (standstill.allows_last_resort && core_->last_resorts.try_take(request_.model(), now))
    if (auto pick = planner_.pick_last_resort(now)) return start_attempt(*std::move(pick), true);
  give_up();
}

std::optional<Call::Event> Call::Implementation::sleep(TimePoint until) {
  if (!core_->clock().sleep_until(std::min(until, *wake_), interrupt_)) {
    cancel();
  } else if (core_->clock().now() >= *wake_) {
    state_ = State::planned;
  } else {
    return Event::idle;
  }
  return std::nullopt;
}

void Call::Implementation::start_attempt(Planner::Pick pick, bool as_last_resort) {
  if (summary_.attempts.empty()) summary_.skipped = planner_.skipped(config(), core_->clock().now());
  summary_.attempts.reserve(summary_.attempts.size() + 1);
  endings_.reserve(endings_.size() + 1);
  auto trial = std::make_unique<engine::Trial>(*core_, config(), request_, std::move(pick));
  Attempt attempt;
  attempt.provider = trial->provider().name;
  attempt.model = trial->model().name;
  attempt.started = since_start(trial->started());
  attempt.last_resort = as_last_resort;
  attempt.probe = trial->is_probe();
  endings_.push_back({});
  summary_.attempts.push_back(std::move(attempt));
  trial_ = std::move(trial);
  state_ = State::trying;
}

std::optional<Call::Event> Call::Implementation::try_on(TimePoint until) {
  if (auto event = deliver(until)) return event;
  if (state_ != State::trying) return std::nullopt;
  const TimePoint now = core_->clock().now();
  if (now >= deadline_ && trial_->reader().awaits_end()) {
    trial_->reader().on_timeout(false);  // all was said
    return std::nullopt;
  }
  if (now >= deadline_) {
    close_attempt(FailureKind::timeout, "the call's total time ran out", {});
    fail(engine::out_of_time(summary_, committed_));
    return std::nullopt;
  }
  const auto progress = trial_->advance(std::min(until, deadline_), interrupt_);
  if (progress == engine::Trial::Progress::interrupted) {
    cancel();
    return std::nullopt;
  }
  // Not even a provider that sends comments for ever keeps this call past `until`.
  const AnswerReader& reader = trial_->reader();
  const bool is_quiet =
      reader.state() == AnswerReader::State::holding ||
      (reader.state() == AnswerReader::State::relaying && committed_ && !reader.has_output());
  return is_quiet && core_->clock().now() >= until ? std::optional(Event::idle) : std::nullopt;
}

// What the answer so far asks for; nothing if more of it is needed.
std::optional<Call::Event> Call::Implementation::deliver(TimePoint until) {
  AnswerReader& reader = trial_->reader();
  if (reader.was_good()) {
    if (!committed_) {
      commit();
      return Event::committed;
    }
    if (reader.has_output()) {
      data_ = reader.take_output();
      return Event::data;
    }
  }
  switch (reader.state()) {
    case AnswerReader::State::holding:
    case AnswerReader::State::relaying:
      return std::nullopt;
    case AnswerReader::State::complete:
      succeed(until);
      return std::nullopt;
    case AnswerReader::State::failed:
      judge_failure();
      return std::nullopt;
    case AnswerReader::State::refused:
      close_attempt(FailureKind::cancelled, "no room for the exchange", {});
      fail({.code = committed_ ? ErrorCode::stream_broken : ErrorCode::overloaded,
            .message = "memory, descriptors or threads ran out here; try again in a moment",
            .retry_after = std::chrono::seconds(1)});
      return std::nullopt;
  }
  return std::nullopt;
}

void Call::Implementation::commit() {
  committed_ = true;
  AnswerReader& reader = trial_->reader();
  Attempt& attempt = summary_.attempts.back();
  attempt.http_status = reader.status();
  attempt.first_output = since_start(core_->clock().now()) - attempt.started;
  head_.status = 200;
  head_.headers = engine::headers_without_key(protocol::answer_headers(reader.headers()), trial_->provider());
  head_.headers.insert(head_.headers.begin(), {"content-type", std::string(reader.content_type())});
  head_.provider = attempt.provider;
  head_.model = attempt.model;
  head_.attempts = static_cast<int>(summary_.attempts.size());
  core_->report(trial_->take_pass().succeed(core_->clock().now()));
  apply_held_verdicts(true);
}

void Call::Implementation::succeed(TimePoint until) {
  summary_.usage = trial_->reader().usage();
  if (summary_.stream) trial_->let_tail_arrive(until, interrupt_);
  close_attempt(FailureKind::none, {}, {});
  finish(State::answered);
}

// The attempt is over; whether the call is, too, is the outcome table's business.
void Call::Implementation::judge_failure() {
  const TimePoint now = core_->clock().now();
  AnswerReader& reader = trial_->reader();
  engine::Outcome outcome = engine::outcome_of(reader.finding());
  if (committed_) outcome = engine::after_output(outcome);
  endings_.back() = {reader.finding(), reader.told_status()};
  const auto retry_after = engine::retry_after(reader.headers(), core_->clock().wall_now());
  const routing::Verdict verdict = engine::verdict_of(outcome, config().cooldown, retry_after);
  const std::string detail = engine::detail_of(reader.detail(), trial_->provider());

  std::string effect;
  if (committed_) {
    // The pass was answered when output came.
    effect = settle(trial_->candidate().health->blame(trial_->model(), verdict, now));
  } else if (outcome.kind == FailureKind::server_error) {
    held_.push_back({trial_->take_pass(), verdict, summary_.attempts.size() - 1});
    core_->report(held_.back().pass.vouch_for_provider(now));
  } else {
    effect = settle(trial_->take_pass().fail(verdict, now));
  }

  Error rejected{.code = ErrorCode::request_rejected};
  if (outcome.then == engine::Then::stop && !committed_) {
    rejected.message = detail.empty() ? "the provider rejected the request" : detail;
    rejected.http_status = engine::client_status(reader.finding(), reader.told_status());
    if (reader.is_error_body_whole())
      rejected.body = engine::showable_body(reader.error_body(), trial_->provider());
    if (!rejected.body.empty()) rejected.content_type = "application/json";
  }
  close_attempt(outcome.kind, detail, std::move(effect));
  if (committed_) {
    const std::string& provider = summary_.attempts.back().provider;
    fail({.code = ErrorCode::stream_broken,
          .message = fmt::format("{} failed after output had been delivered: {}", provider, detail)});
  } else if (outcome.then == engine::Then::stop) {
    fail(std::move(rejected));
  } else {
    state_ = State::planned;
  }
}

void Call::Implementation::close_attempt(FailureKind failure, std::string detail, std::string effect) {
  Attempt& attempt = summary_.attempts.back();
  attempt.http_status = trial_->reader().status();
  attempt.failure = failure;
  attempt.total = since_start(core_->clock().now()) - attempt.started;
  attempt.detail = std::move(detail);
  attempt.effect = std::move(effect);
  trial_.reset();
  give_budget_back();
  core_->observer().on_attempt(summary_, attempt);
}

void Call::Implementation::give_budget_back() noexcept {
  if (std::exchange(uses_retry_budget_, false)) core_->retry_budget.give_back();
}

void Call::Implementation::give_up() {
  // What this call's own failures do must show in when trying again makes sense.
  apply_held_verdicts(false);
  const TimePoint now = core_->clock().now();
  const bool is_out_of_budget =
      !summary_.skipped.empty() && summary_.skipped.back().reason == SkipReason::retry_budget;
  summary_.skipped = planner_.skipped(config(), now);
  if (is_out_of_budget) summary_.skipped.push_back({{}, {}, SkipReason::retry_budget, {}});
  const Planner::Standstill standstill = planner_.standstill(now);
  fail(engine::error_of({summary_, endings_, planner_, standstill, now}));
}

void Call::Implementation::fail(Error error) {
  error_ = std::move(error);
  finish(State::failed);
}

void Call::Implementation::cancel() {
  if (state_ == State::answered || state_ == State::failed) return;
  if (trial_) close_attempt(FailureKind::cancelled, "the caller left", {});
  fail({.code = ErrorCode::cancelled, .message = "the caller left"});
}

void Call::Implementation::finish(State state) {
  state_ = state;
  give_budget_back();  // still there if an attempt could not begin
  apply_held_verdicts(false);
  summary_.total = since_start(core_->clock().now());
  core_->retry_budget.call_ends();
  core_->observer().on_call_finished(summary_, state == State::failed ? &error_ : nullptr);
}

// The poison guard: where several gave 5xx and nobody answered, the request may be at fault, so only the
// first cools for long.
void Call::Implementation::apply_held_verdicts(bool answered) {
  const bool is_suspect = !answered && held_.size() >= 2;
  for (std::size_t i = 0; i < held_.size(); ++i) {
    HeldVerdict& held = held_[i];
    auto& cooldown = held.verdict.trip.cooldown;
    if (is_suspect && i > 0 && cooldown)
      cooldown = std::min<std::chrono::milliseconds>(*cooldown, limits::poison_cooldown);
    summary_.attempts[held.attempt].effect = settle(held.pass.fail(held.verdict, core_->clock().now()));
  }
  held_.clear();
}

// Tells the observer what changed; returns it in words.
std::string Call::Implementation::settle(const routing::Settlement& settlement) const {
  core_->report(settlement.events);
  return engine::effect_of(settlement);
}

std::chrono::microseconds Call::Implementation::since_start(TimePoint time) const noexcept {
  return std::chrono::duration_cast<std::chrono::microseconds>(time - started_);
}

struct Call::MovedFrom {
  CallHead head{};
  Error error{.code = ErrorCode::invalid_request, .message = "this call was moved from, or its router was"};
  CallSummary summary{};
};

const Call::MovedFrom& Call::moved_from() const {
  if (!moved_from_) moved_from_ = std::make_unique<MovedFrom>();
  return *moved_from_;
}

Call::Call(std::unique_ptr<Implementation> implementation) noexcept
    : implementation_(std::move(implementation)) {}
Call::Call(Call&&) noexcept = default;
Call& Call::operator=(Call&& other) noexcept {
  Implementation::destroy(std::exchange(implementation_, std::move(other.implementation_)));
  return *this;
}
Call::~Call() {
  Implementation::destroy(std::move(implementation_));
}
Call::Event Call::next(TimePoint until) {
  if (!implementation_) return Event::failed;
  Implementation& call = *implementation_;  // outlives this object, should an observer destroy it
  until = std::max(until, TimePoint());     // what is left until TimePoint::min() fits into no duration
  return call.enter(Event::idle, [&] { return call.next(until); });
}
void Call::cancel() {
  if (!implementation_) return;
  Implementation& call = *implementation_;
  call.enter(Event::idle, [&] { return call.cancel(), Event::failed; });
}
bool Call::is_committed() const noexcept {
  return implementation_ && implementation_->is_committed();
}
const CallHead& Call::head() const noexcept {
  return implementation_ ? implementation_->head() : moved_from().head;
}
std::string_view Call::data() const noexcept {
  return implementation_ ? implementation_->data() : std::string_view();
}
const Error& Call::error() const noexcept {
  return implementation_ ? implementation_->error() : moved_from().error;
}
const CallSummary& Call::summary() const noexcept {
  return implementation_ ? implementation_->summary() : moved_from().summary;
}

}  // namespace airouter
