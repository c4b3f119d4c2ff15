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
void explain(Look& look, const Breaker& breaker, TimePoint now) {
  look.cause = breaker.cause();
  look.until = std::max(look.until, breaker.until());
  look.reason = breaker.is_disabled() ? SkipReason::disabled
                : breaker.is_probed() ? SkipReason::probing
                                      : SkipReason::cooling;
  look.allows_last_resort = look.allows_last_resort && breaker.admits_last_resort(now);
}

// Which of two blocked breakers gets usable first: cooling before probing before disabled, then the sooner.
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
  return std::exchange(health_, nullptr)->succeed(*this, now);
}

Settlement Pass::fail(const Verdict& verdict, TimePoint now) {
  return std::exchange(health_, nullptr)->fail(*this, verdict, now);
}

std::vector<HealthEvent> Pass::vouch_for_provider(TimePoint now) {
  return health_->vouch(*this, now);
}

const Breaker* ProviderHealth::find(std::string_view model) const {
  const auto found = models_.find(model);
  return found == models_.end() ? nullptr : &found->second.breaker;
}

Breaker* ProviderHealth::find(std::string_view model) {
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
  if (!look.is_usable) explain(look, *soonest, now);
  if (breaker_.admits(now)) return look;
  // The provider is in the way: it decides, unless its models wait for even longer.
  const bool are_models_disabled = look.is_model_level && look.reason == SkipReason::disabled;
  if (are_models_disabled && !breaker_.is_disabled()) return look;
  look.is_usable = look.is_model_level = false;
  explain(look, breaker_, now);
  return look;
}

std::optional<Pass> ProviderHealth::enter(const ModelChoice& model, TimePoint now, bool as_last_resort) {
  const std::scoped_lock lock(mutex_);
  Breaker* const own = find(model.name);
  const auto lets_in = [&](const Breaker& breaker) {
    return breaker.admits(now) || (as_last_resort && breaker.admits_last_resort(now));
  };
  if (!lets_in(breaker_) || (own != nullptr && !lets_in(*own))) return std::nullopt;
  Pass pass(shared_from_this(), model);
  pass.provider_entry_ = breaker_.enter();
  if (own != nullptr) pass.model_entry_ = own->enter();
  return pass;
}

std::vector<HealthEvent> ProviderHealth::succeed(const Pass& pass, TimePoint now) {
  std::vector<HealthEvent> events;
  if (all_closed_.load(std::memory_order_acquire)) return events;
  const std::scoped_lock lock(mutex_);
  observe(events, provider_, {}, breaker_, now, [&](Breaker& b) { b.on_success(pass.provider_entry_); });
  if (Breaker* const own = find(pass.model_.name)) {
    observe(events, provider_, pass.model_.name, *own, now,
            [&](Breaker& b) { b.on_success(pass.model_entry_); });
    if (pass.model_.is_wildcard && own->is_closed()) models_.erase(pass.model_.name);
  }
  update_fast_path();
  return events;
}

Settlement ProviderHealth::fail(const Pass& pass, const Verdict& verdict, TimePoint now) {
  const std::scoped_lock lock(mutex_);
  return trip(pass.model_, pass.provider_entry_, pass.model_entry_, verdict, now);
}

Settlement ProviderHealth::blame(const ModelChoice& model, const Verdict& verdict, TimePoint now) {
  const std::scoped_lock lock(mutex_);
  return trip(model, std::nullopt, std::nullopt, verdict, now);
}

// Applies a verdict. An entry tells which request it is about; without one it is about the present.
Settlement ProviderHealth::trip(const ModelChoice& model, std::optional<Breaker::Entry> provider_entry,
                                std::optional<Breaker::Entry> model_entry, const Verdict& verdict,
                                TimePoint now) {
  Settlement settlement;
  const auto note = [&](const Breaker& breaker) {
    if (breaker.is_closed()) return;  // a failure from before a reset
    settlement.scope = verdict.scope;
    settlement.is_disabled = breaker.is_disabled();
    settlement.left = left_of(breaker, now);
  };
  observe(settlement.events, provider_, {}, breaker_, now, [&](Breaker& b) {
    if (verdict.scope == Scope::provider) {
      b.on_failure(provider_entry.value_or(b.current()), verdict.trip, now);
      note(b);
    } else if (provider_entry) {
      b.on_success(*provider_entry);  // a failure that is only the model's still shows that it is there
    }
  });
  Breaker* const own = verdict.scope == Scope::model ? find_or_add(model, now) : find(model.name);
  if (own != nullptr) {
    observe(settlement.events, provider_, model.name, *own, now, [&](Breaker& b) {
      if (verdict.scope == Scope::model) {
        Breaker::Trip applied = verdict.trip;
        if (model.is_wildcard && !applied.cooldown) applied.cooldown = limits::wildcard_cooldown;
        b.on_failure(model_entry.value_or(b.current()), applied, now);
        note(b);
      } else if (model_entry) {
        b.on_release(*model_entry);
      }
    });
  }
  update_fast_path();
  return settlement;
}

std::vector<HealthEvent> ProviderHealth::vouch(const Pass& pass, TimePoint now) {
  std::vector<HealthEvent> events;
  const std::scoped_lock lock(mutex_);
  observe(events, provider_, {}, breaker_, now, [&](Breaker& b) { b.on_success(pass.provider_entry_); });
  update_fast_path();
  return events;
}

void ProviderHealth::release(const Pass& pass) noexcept {
  const std::scoped_lock lock(mutex_);
  breaker_.on_release(pass.provider_entry_);
  if (Breaker* const own = find(pass.model_.name)) own->on_release(pass.model_entry_);
}

// Null when the table of client-chosen names is full: such a model then simply stays healthy.
Breaker* ProviderHealth::find_or_add(const ModelChoice& model, TimePoint now) {
  if (Breaker* const own = find(model.name)) return own;
  if (model.is_wildcard && wildcard_count() >= wildcards_max_) {
    forget_wildcards(now);
    if (wildcard_count() >= wildcards_max_) return nullptr;
  }
  return &models_.emplace(model.name, ModelBreaker{{}, model.is_wildcard}).first->second.breaker;
}

std::size_t ProviderHealth::wildcard_count() const {
  return static_cast<std::size_t>(std::count_if(models_.begin(), models_.end(),
                                                [](const auto& entry) { return entry.second.is_wildcard; }));
}

// Those whose cooldown is over; nothing is lost but the count of failures.
void ProviderHealth::forget_wildcards(TimePoint now) {
  std::erase_if(models_, [&](const auto& entry) {
    return entry.second.is_wildcard && entry.second.breaker.admits(now);
  });
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
  forget_wildcards(now);
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
