#include "routing/planner.h"

#include <algorithm>

namespace airouter::routing {
namespace {

std::chrono::seconds seconds_left(const Look& look, TimePoint now) {
  if (look.reason != SkipReason::cooling || look.until <= now) return {};
  return std::chrono::ceil<std::chrono::seconds>(look.until - now);
}

struct Usable {
  std::size_t candidate, model;
  std::uint64_t weight_sum;  // of this one and those before it
};

}  // namespace

Planner::Planner(std::shared_ptr<const CandidateList> candidates)
    : candidates_(std::move(candidates)), tried_(candidates_->size(), false) {
  for (const RouteCandidate& candidate : *candidates_)
    on_count_ += candidate.is_off ? 0 : 1;
}

void Planner::mark_tried(std::size_t index) {
  tried_[index] = true;
  ++tried_count_;
}

std::optional<Planner::Pick> Planner::pick(TimePoint now, Random& random) {
  // A probe slot can be taken by another thread between looking and entering: then look again.
  for (;;) {
    std::vector<Usable> usable;
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < candidates_->size(); ++i) {
      if (!is_open(i)) continue;
      const RouteCandidate& candidate = (*candidates_)[i];
      const Look look = candidate.health->look(candidate.models, now);
      if (look.is_usable)
        usable.push_back({i, look.model, sum += static_cast<std::uint64_t>(candidate.weight)});
    }
    if (usable.empty()) return std::nullopt;
    const std::uint64_t point = random.below(sum);
    const auto chosen =
        std::upper_bound(usable.begin(), usable.end(), point,
                         [](std::uint64_t value, const Usable& u) { return value < u.weight_sum; });
    const RouteCandidate& candidate = (*candidates_)[chosen->candidate];
    const ModelChoice& model = candidate.models[chosen->model];
    if (auto pass = candidate.health->enter(model, now, false)) {
      mark_tried(chosen->candidate);
      return Pick{&candidate, &model, *std::move(pass)};
    }
  }
}

std::optional<Planner::Pick> Planner::pick_last_resort(TimePoint now) {
  std::optional<std::size_t> best;
  Look best_look;
  for (std::size_t i = 0; i < candidates_->size(); ++i) {
    if (!is_open(i)) continue;
    const Look look = (*candidates_)[i].health->look((*candidates_)[i].models, now);
    const bool is_possible = !look.is_usable && look.reason == SkipReason::cooling && look.allows_last_resort;
    if (is_possible && (!best || look.until < best_look.until)) {
      best = i;
      best_look = look;
    }
  }
  if (!best) return std::nullopt;
  const RouteCandidate& candidate = (*candidates_)[*best];
  const ModelChoice& model = candidate.models[best_look.model];
  auto pass = candidate.health->enter(model, now, true);
  if (!pass) return std::nullopt;
  mark_tried(*best);
  return Pick{&candidate, &model, *std::move(pass)};
}

Planner::Standstill Planner::standstill(TimePoint now) const {
  Standstill result;
  result.all_rate_limited = result.all_missing = on_count_ > 0;
  const auto keep_sooner = [](std::optional<TimePoint>& best, TimePoint until) {
    if (!best || until < *best) best = until;
  };
  for (std::size_t i = 0; i < candidates_->size(); ++i) {
    const RouteCandidate& candidate = (*candidates_)[i];
    if (candidate.is_off) continue;
    const Look look = candidate.health->look(candidate.models, now);
    const FailureKind cause = look.is_usable ? FailureKind::none : look.cause;
    if (cause != FailureKind::rate_limited) result.all_rate_limited = false;
    if (cause != FailureKind::model_not_found) result.all_missing = false;
    if (look.is_usable) keep_sooner(result.earliest, now);
    if (look.is_usable || look.reason == SkipReason::disabled) continue;
    keep_sooner(result.earliest, std::max(look.until, now));
    if (tried_[i] || look.reason != SkipReason::cooling) continue;
    keep_sooner(result.soonest, look.until);
    result.allows_last_resort = result.allows_last_resort || look.allows_last_resort;
  }
  return result;
}

std::vector<Skipped> Planner::skipped(const Config& config, TimePoint now) const {
  std::vector<Skipped> skipped;
  for (std::size_t i = 0; i < candidates_->size(); ++i) {
    if (tried_[i]) continue;
    const RouteCandidate& candidate = (*candidates_)[i];
    const std::string& provider = config.providers[candidate.provider].name;
    if (candidate.is_off) {
      skipped.push_back({provider, {}, SkipReason::off, {}});
      continue;
    }
    const Look look = candidate.health->look(candidate.models, now);
    if (look.is_usable) continue;
    const std::string model = look.is_model_level ? candidate.models[look.model].name : std::string();
    skipped.push_back({provider, model, look.reason, seconds_left(look, now)});
  }
  return skipped;
}

std::vector<Candidate> Planner::shares(const Config& config, TimePoint now) const {
  std::vector<Candidate> shares;
  double sum = 0;
  for (std::size_t i = 0; i < candidates_->size(); ++i) {
    if (!is_open(i)) continue;
    const RouteCandidate& candidate = (*candidates_)[i];
    const Look look = candidate.health->look(candidate.models, now);
    if (!look.is_usable) continue;
    shares.push_back({config.providers[candidate.provider].name, candidate.models[look.model].name,
                      static_cast<double>(candidate.weight)});
    sum += candidate.weight;
  }
  for (Candidate& candidate : shares)
    candidate.share /= sum;
  std::stable_sort(shares.begin(), shares.end(),
                   [](const auto& a, const auto& b) { return a.share > b.share; });
  return shares;
}

}  // namespace airouter::routing
