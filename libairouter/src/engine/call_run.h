#pragma once

#include <cassert>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <airouter/call.h>
#include <airouter/config.h>

#include "engine/core.h"
#include "engine/failure_report.h"
#include "engine/trial.h"
#include "routing/planner.h"

namespace airouter {

// The failover loop, as an object that can be left and taken up again: planned → waiting → trying → done.
// Used by one thread.
class Call::Implementation {
 public:
  Implementation(std::shared_ptr<engine::Core> core, ChatRequest request, const CallOptions& options);
  ~Implementation();  // cancels
  Implementation(const Implementation&) = delete;
  Implementation& operator=(const Implementation&) = delete;

  Event next(TimePoint until);
  void cancel();  // does nothing once the call has ended

  // Runs one of the two above, but not inside of itself: an observer that calls back gets `otherwise`.
  template <class Step>
  Event enter(Event otherwise, Step&& step) {
    assert(!is_inside_ && "an observer called back into the call that tells it");
    if (is_inside_) return otherwise;
    const Entry entry(*this);
    return step();
  }

  // Destroys it, if need be when it comes back from what it is at: an observer may let go of its own call.
  static void destroy(std::unique_ptr<Implementation> call) noexcept {
    if (call && call->is_inside_) call.release()->is_forsaken_ = true;
  }

  bool is_committed() const noexcept { return committed_; }
  const CallHead& head() const noexcept { return head_; }
  std::string_view data() const noexcept { return data_; }
  const Error& error() const noexcept { return error_; }
  const CallSummary& summary() const noexcept { return summary_; }

 private:
  enum class State { planned, waiting, trying, answered, failed };

  // Inside of next() or cancel() while one lives.
  struct Entry {
    explicit Entry(Implementation& call) : call_(call) { call_.is_inside_ = true; }
    ~Entry() {
      call_.is_inside_ = false;
      if (call_.is_forsaken_) delete &call_;
    }
    Entry(const Entry&) = delete;
    Entry& operator=(const Entry&) = delete;

   private:
    Implementation& call_;
  };

  // A 5xx whose meaning shows only when somebody answers or the call ends: one bad prompt must not black out
  // every provider.
  struct HeldVerdict {
    routing::Pass pass;
    routing::Verdict verdict;
    std::size_t attempt;  // index into the summary
  };

  void let_go_of_data();
  void plan();
  void wait_or_insist();
  std::optional<Event> sleep(TimePoint until);
  std::optional<Event> try_on(TimePoint until);
  std::optional<Event> deliver(TimePoint until);
  void judge_failure();

  void start_attempt(routing::Planner::Pick pick, bool as_last_resort);
  void close_attempt(FailureKind failure, std::string detail, std::string effect);

  void commit();
  void succeed(TimePoint until);
  void give_budget_back() noexcept;
  void give_up();
  void fail(Error error);
  void finish(State state);
  void apply_held_verdicts(bool answered);
  std::string settle(const routing::Settlement& settlement) const;

  std::chrono::microseconds since_start(TimePoint time) const noexcept;
  const Config& config() const noexcept { return routes_->config(); }

  // Constant after construction.
  const std::shared_ptr<engine::Core> core_;
  const ChatRequest request_;
  const std::shared_ptr<const routing::RouteTable> routes_;
  Interrupt* const interrupt_;
  const TimePoint started_;
  const TimePoint deadline_;

  // Used by one thread.
  State state_ = State::planned;
  bool committed_ = false;
  bool uses_retry_budget_ = false;
  bool is_inside_ = false, is_forsaken_ = false;
  routing::Planner planner_;
  std::unique_ptr<engine::Trial> trial_{};
  std::vector<HeldVerdict> held_{};
  std::vector<engine::Ending> endings_{};         // one per attempt
  std::optional<TimePoint> wake_{}, patience_{};  // of waiting: this time; in all
  CallHead head_{};
  std::string data_{};
  Error error_{};
  CallSummary summary_{};
};

}  // namespace airouter
