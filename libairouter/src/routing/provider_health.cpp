#include "routing/provider_health.h"

#include <algorithm>

#include "base/limits.h"

namespace airouter::routing {
namespace {

std::chrono::milliseconds left_of(const Breaker& breaker, TimePoint now) {
  if (breaker.state(now) != HealthState::cooling) return {};
  return std::chrono::ceil<std::chrono::milliseconds>(breaker.until() - now);
}

// Runs `change` on a breaker and notes the transition, if it is one.
template <class Change>
void observe(std::vector<HealthEvent>& events, const std::string& provider, std::string_view model,
             Breaker& breaker, TimePoint now, Change change) {
  const HealthState from = breaker.state(now);
  change(breaker);
  const HealthState to = breaker.state(now);
  if (from == to) return;
  events.push_back({provider, std::string(model), from, to, breaker.cause(), left_of(breaker, now)});
}

// Fills in why `breaker` is in the way.
void explain(Look& look, const Breaker& breaker) {
  look.cause = breaker.cause();
  look.until = std::max(look.until, breaker.until());
  look.reason = breaker.is_disabled() ? SkipReason::disabled
                : breaker.is_probed() ? SkipReason::probing
                                      : SkipReason::cooling;
  look.allows_last_resort = look.allows_last_resort && breaker.admits_last_resort();
}

// Which of two blocked breakers gets usable first: cooling before probing before disabled, then the sooner
// one.
bool is_sooner(const Breaker& a, const Breaker& b) {
  const auto rank = [](const Breaker& breaker) {
    return breaker.is_disabled() ? 2 : breaker.is_probed() ? 1 : 0;
  };
  return rank(a) != rank(b) ? rank(a) < rank(b) : a.until() < b.until();
}

}  // namespace

Pass& Pass::operator=(Pass&& other) noexcept {
  if (this != &other) {
    release();
    health_ = std::move(other.health_);
    model_ = std::move(other.model_);
    provider_entry_ = other.provider_entry_;
    model_entry_ = other.model_entry_;
  }
  return *this;
}

Pass::~Pass() {
  release();
}

void Pass::release() noexcept {
  if (health_) health_->release(*this);
  health_.reset();
}

std::vector<HealthEvent> Pass::succeed(TimePoint now) {
  return std::exchange(health_, nullptr)->settle(*this, nullptr, now);
}

std::vector<HealthEvent> Pass::fail(const Verdict& verdict, TimePoint now) {
  return std::exchange(health_, nullptr)->settle(*this, &verdict, now);
}

ProviderHealth::ProviderHealth(std::string provider, std::shared_ptr<std::atomic<std::size_t>> wildcard_count)
    : provider_(std::move(provider)), wildcard_count_(std::move(wildcard_count)) {}

const Breaker* ProviderHealth::find(std::string_view model) const {
  const auto found = models_.find(model);
  return found == models_.end() ? nullptr : &found->second.breaker;
}

Look ProviderHealth::look(std::span<const ModelChoice> models, TimePoint now) const {
  Look look;
  if (models.empty() || all_closed_.load(std::memory_order_acquire)) {
    look.is_usable = !models.empty();
    return look;
  }
  const std::scoped_lock lock(mutex_);
  const Breaker* soonest = nullptr;
  for (std::size_t i = 0; i < models.size() && !look.is_usable; ++i) {
    const Breaker* breaker = find(models[i].name);
    look.is_usable = breaker == nullptr || breaker->admits(now);
    if (look.is_usable || soonest == nullptr || is_sooner(*breaker, *soonest)) {
      look.model = i;
      soonest = breaker;
    }
  }
  look.allows_last_resort = true;
  look.is_model_level = !look.is_usable;
  if (!look.is_usable) explain(look, *soonest);
  if (breaker_.admits(now)) return look;
  // The provider is in the way: it decides, unless its model waits for even longer.
  const bool model_decides =
      look.is_model_level && look.reason == SkipReason::disabled && !breaker_.is_disabled();
  if (model_decides) return look;
  look.is_usable = look.is_model_level = false;
  explain(look, breaker_);
  return look;
}

std::optional<Pass> ProviderHealth::enter(const ModelChoice& model, TimePoint now, bool as_last_resort) {
  const std::scoped_lock lock(mutex_);
  const auto found = models_.find(model.name);
  Breaker* const own = found == models_.end() ? nullptr : &found->second.breaker;
  const auto lets_in = [&](const Breaker& breaker) {
    return breaker.admits(now) || (as_last_resort && breaker.admits_last_resort());
  };
  if (!lets_in(breaker_) || (own != nullptr && !lets_in(*own))) return std::nullopt;
  Pass pass(shared_from_this(), model);
  pass.provider_entry_ = breaker_.enter();
  if (own != nullptr) pass.model_entry_ = own->enter();
  return pass;
}

std::vector<HealthEvent> ProviderHealth::settle(const Pass& pass, const Verdict* verdict, TimePoint now) {
  std::vector<HealthEvent> events;
  if (verdict == nullptr && all_closed_.load(std::memory_order_acquire)) return events;
  const std::scoped_lock lock(mutex_);
  const Scope scope = verdict == nullptr ? Scope::nothing : verdict->scope;
  observe(events, provider_, {}, breaker_, now, [&](Breaker& breaker) {
    // A failure that is only the model's, or only the request's, still shows that the provider is there.
    if (scope != Scope::provider) return breaker.on_success(pass.provider_entry_);
    breaker.on_failure(pass.provider_entry_, verdict->trip, now);
  });
  const bool is_model_failure = scope == Scope::model;
  const auto found = models_.find(pass.model_.name);
  Breaker* const own = is_model_failure         ? find_or_add(pass.model_, now)
                       : found == models_.end() ? nullptr
                                                : &found->second.breaker;
  if (own != nullptr) {
    observe(events, provider_, pass.model_.name, *own, now, [&](Breaker& breaker) {
      if (verdict == nullptr) return breaker.on_success(pass.model_entry_);
      if (!is_model_failure) return breaker.on_release(pass.model_entry_);
      Breaker::Trip trip = verdict->trip;
      if (pass.model_.is_wildcard && !trip.cooldown) trip.cooldown = limits::wildcard_cooldown;
      breaker.on_failure(pass.model_entry_, trip, now);
    });
  }
  if (pass.model_.is_wildcard && own != nullptr && own->is_closed()) {
    models_.erase(pass.model_.name);
    wildcard_count_->fetch_sub(1);
  }
  update_fast_path();
  return events;
}

void ProviderHealth::release(const Pass& pass) noexcept {
  const std::scoped_lock lock(mutex_);
  breaker_.on_release(pass.provider_entry_);
  const auto found = models_.find(pass.model_.name);
  if (found != models_.end()) found->second.breaker.on_release(pass.model_entry_);
}

// Null when the table of client-chosen names is full: such a model then simply stays healthy.
Breaker* ProviderHealth::find_or_add(const ModelChoice& model, TimePoint now) {
  if (const auto found = models_.find(model.name); found != models_.end()) return &found->second.breaker;
  if (model.is_wildcard) {
    if (wildcard_count_->load() >= limits::wildcard_models_max) forget_closed_wildcards(now);
    if (wildcard_count_->load() >= limits::wildcard_models_max) return nullptr;
    wildcard_count_->fetch_add(1);
  }
  return &models_.emplace(model.name, ModelBreaker{{}, model.is_wildcard}).first->second.breaker;
}

// Those whose cooldown is over count as closed, too: nothing is lost but the count of failures.
void ProviderHealth::forget_closed_wildcards(TimePoint now) {
  const std::size_t forgotten = std::erase_if(models_, [&](const auto& entry) {
    return entry.second.is_wildcard && entry.second.breaker.admits(now);
  });
  wildcard_count_->fetch_sub(forgotten);
}

void ProviderHealth::update_fast_path() {
  const bool all_closed =
      breaker_.is_closed() && std::all_of(models_.begin(), models_.end(),
                                          [](const auto& entry) { return entry.second.breaker.is_closed(); });
  all_closed_.store(all_closed, std::memory_order_release);
}

std::vector<HealthEvent> ProviderHealth::reset(std::string_view model, TimePoint now) {
  std::vector<HealthEvent> events;
  const std::scoped_lock lock(mutex_);
  const auto close = [](Breaker& breaker) { breaker.reset(); };
  if (model.empty()) observe(events, provider_, {}, breaker_, now, close);
  for (auto& [name, entry] : models_)
    if (model.empty() || name == model) observe(events, provider_, name, entry.breaker, now, close);
  forget_closed_wildcards(now);
  update_fast_path();
  return events;
}

HealthReport ProviderHealth::report_of(const std::string& model, const Breaker& breaker,
                                       TimePoint now) const {
  return {provider_, model, breaker.state(now), breaker.cause(), left_of(breaker, now), breaker.failures()};
}

std::vector<HealthReport> ProviderHealth::report(TimePoint now) const {
  std::vector<HealthReport> reports;
  const std::scoped_lock lock(mutex_);
  for (const auto& [name, entry] : models_)
    if (entry.breaker.state(now) != HealthState::healthy)
      reports.push_back(report_of(name, entry.breaker, now));
  std::sort(reports.begin(), reports.end(), [](const auto& a, const auto& b) { return a.model < b.model; });
  reports.insert(reports.begin(), report_of({}, breaker_, now));
  return reports;
}

bool ProviderHealth::is_disabled(std::string_view model) const {
  if (all_closed_.load(std::memory_order_acquire)) return false;
  const std::scoped_lock lock(mutex_);
  const Breaker* breaker = find(model);
  return breaker_.is_disabled() || (breaker != nullptr && breaker->is_disabled());
}

}  // namespace airouter::routing
