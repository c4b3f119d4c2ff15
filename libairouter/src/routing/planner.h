#pragma once

#include <optional>
#include <vector>

#include "base/random.h"
#include "routing/route_table.h"

namespace airouter::routing {

// Chooses among the candidates of one call. Pure but for the health it asks; used by one thread, for one
// call.
class Planner {
 public:
  // `candidates` is never null.
  explicit Planner(std::shared_ptr<const CandidateList> candidates);

  struct Pick {
    const RouteCandidate* candidate = nullptr;
    const ModelChoice* model = nullptr;
    Pass pass;
  };

  // How the candidates stand while none can be picked.
  struct Standstill {
    std::optional<TimePoint>
        soonest{};  // when the first cooldown ends, of candidates that were not tried yet
    std::optional<TimePoint> earliest{};  // when a new call finds somebody, as far as is known
    bool all_rate_limited = false;        // every candidate is out because of its rate limit
    bool all_missing = false;             // every candidate has said that it does not have the model
    bool allows_last_resort = false;      // one that was not tried yet may be tried against its cooldown
  };

  // Weighted random among those usable and not tried yet; marks the chosen one as tried.
  std::optional<Pick> pick(TimePoint now, Random& random);

  // The one whose cooldown ends soonest, although it still cools.
  std::optional<Pick> pick_last_resort(TimePoint now);

  Standstill standstill(TimePoint now) const;

  // Those that are passed over now, and why; tried ones included if they are not usable otherwise.
  std::vector<Skipped> skipped(const Config& config, TimePoint now) const;

  // Each usable candidate with its chance of being picked first.
  std::vector<Candidate> shares(const Config& config, TimePoint now) const;

  bool is_empty() const noexcept { return on_count_ == 0; }   // nobody that is on serves this name
  int candidate_count() const noexcept { return on_count_; }  // those that are on
  bool has_untried() const noexcept { return tried_count_ < on_count_; }

 private:
  bool is_open(std::size_t index) const { return !(*candidates_)[index].is_off && !tried_[index]; }
  void mark_tried(std::size_t index);

  std::shared_ptr<const CandidateList> candidates_;
  std::vector<bool> tried_;
  int on_count_ = 0, tried_count_ = 0;
};

}  // namespace airouter::routing
