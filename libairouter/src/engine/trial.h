#pragma once

#include <memory>
#include <optional>
#include <string>

#include <airouter/call.h>
#include <airouter/config.h>

#include "engine/answer_reader.h"
#include "engine/core.h"
#include "routing/planner.h"

namespace airouter::engine {

// One attempt at one provider: its exchange, the reader of its answer, and its clocks. Used by one thread.
class Trial {
 public:
  // `config` and `request` are borrowed and must outlive the trial.
  Trial(Core& core, const Config& config, const ChatRequest& request, routing::Planner::Pick pick);
  ~Trial();
  Trial(const Trial&) = delete;
  Trial& operator=(const Trial&) = delete;

  enum class Progress { made, none, interrupted };

  // Waits for something to happen to the answer, but not past `until`. Running out of its own time is
  // progress, too.
  Progress advance(TimePoint until, const Interrupt* interrupt);

  // The answer is complete: gives the connection a moment to end cleanly, so that it can be used again.
  void let_tail_arrive(TimePoint until, const Interrupt* interrupt);

  const Provider& provider() const noexcept { return provider_; }
  const routing::ModelChoice& model() const noexcept { return *pick_.model; }
  const routing::RouteCandidate& candidate() const noexcept { return *pick_.candidate; }
  AnswerReader& reader() noexcept { return reader_; }
  TimePoint started() const noexcept { return started_; }
  bool is_probe() const noexcept { return pick_.pass.is_probe(); }
  routing::Pass take_pass() noexcept { return std::move(pick_.pass); }

 private:
  TimePoint deadline() const noexcept;
  void read_body();
  Progress look(TimePoint now, TimePoint until, const Interrupt* interrupt);
  void forgive_absence(TimePoint now);
  void forgive_pause(TimePoint begun, TimePoint asked_until);
  void forgive(TimePoint::duration pause) noexcept;

  // Constant after construction.
  Core& core_;
  const Provider& provider_;
  const Timeouts& timeouts_;
  const TimePoint started_;
  std::string body_{};  // the request's, where its model value differs

  // Used by one thread.
  routing::Planner::Pick pick_;
  AnswerReader reader_;
  ByteBudget::Share body_share_;
  std::unique_ptr<Exchange> exchange_{};                            // null: there was no room for the request
  TimePoint output_clock_, last_byte_, head_at_{}, last_output_{};  // from when the clocks count
  TimePoint left_at_;                                               // when it was last driven
  int late_reads_ = 0, absences_ = 0;
};

}  // namespace airouter::engine
