#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <airouter/router.h>

#include "routing/breaker.h"
#include "routing/scope.h"

namespace airouter::routing {

// One of the names a provider may be asked for.
struct ModelChoice {
  std::string name{};
  bool is_wildcard = false;  // only a `*` admits it: the name comes from a client
};

// What a failed attempt means for health.
struct Verdict {
  Scope scope{};
  Breaker::Trip trip{};
};

// What a verdict came to, which may differ from what it asked for.
struct Settlement {
  std::vector<HealthEvent> events{};
  Scope scope = Scope::nothing;  // what is out now because of it
  bool is_disabled = false;
  std::chrono::milliseconds left{};  // of the cooldown
};

// How a provider stands towards some of its models.
struct Look {
  bool is_usable = false;
  std::size_t model = 0;  // index of the usable one, else of the one that gets usable first

  // If it is not usable:
  SkipReason reason{};
  bool is_model_level = false;  // the model is in the way, not the provider
  bool allows_last_resort = false;
  FailureKind cause{};
  TimePoint until{};  // of cooling; otherwise unspecified
};

class ProviderHealth;

// The right to make one attempt. Must be answered by `succeed` or `fail`; otherwise its destruction frees a
// probe slot and says nothing about health. Used by one thread.
class Pass {
 public:
  Pass(Pass&& other) noexcept = default;
  Pass& operator=(Pass&& other) noexcept;
  ~Pass();

  // Each at most once, and only one of them.
  std::vector<HealthEvent> succeed(TimePoint now);
  Settlement fail(const Verdict& verdict, TimePoint now);

  // The provider has answered, whatever the model's verdict will be: its own probe is over.
  std::vector<HealthEvent> vouch_for_provider(TimePoint now);

  bool is_probe() const noexcept { return provider_entry_.is_probe || model_entry_.is_probe; }

 private:
  friend class ProviderHealth;
  Pass(std::shared_ptr<ProviderHealth> health, ModelChoice model)
      : health_(std::move(health)), model_(std::move(model)) {}
  void release() noexcept;

  std::shared_ptr<ProviderHealth> health_;  // null once answered
  ModelChoice model_;
  Breaker::Entry provider_entry_{}, model_entry_{};
};

// The two breakers of one provider: its own, and one for each of its models. Thread-safe. Held by shared_ptr,
// since passes may outlive the config they came from.
class ProviderHealth : public std::enable_shared_from_this<ProviderHealth> {
 public:
  explicit ProviderHealth(std::string provider) : provider_(std::move(provider)) {}

  Look look(std::span<const ModelChoice> models, TimePoint now) const;

  // A pass for that model, if it is still usable, or still open to a last resort.
  std::optional<Pass> enter(const ModelChoice& model, TimePoint now, bool as_last_resort);

  // A failure that shows after the attempt's pass was answered, as of a broken stream.
  Settlement blame(const ModelChoice& model, const Verdict& verdict, TimePoint now);

  // An empty model: the provider and all of its models.
  std::vector<HealthEvent> reset(std::string_view model, TimePoint now);

  // The provider, then every model that is not healthy, by name.
  std::vector<HealthReport> report(TimePoint now) const;

  // It or this model is out until a reset.
  bool is_disabled(std::string_view model) const;

  // How many models that only a `*` admits may be remembered; more stay healthy whatever they do.
  void set_wildcards_max(std::size_t count) noexcept { wildcards_max_ = count; }

 private:
  friend class Pass;
  struct NameHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view s) const noexcept { return std::hash<std::string_view>{}(s); }
  };
  struct ModelBreaker {
    Breaker breaker{};
    bool is_wildcard = false;
  };
  using Models = std::unordered_map<std::string, ModelBreaker, NameHash, std::equal_to<>>;

  const Breaker* find(std::string_view model) const;
  Breaker* find(std::string_view model);
  Breaker* find_or_add(const ModelChoice& model, TimePoint now);
  std::size_t wildcard_count() const;
  void forget_wildcards(TimePoint now);
  void update_fast_path();
  HealthReport report_of(const std::string& model, const Breaker& breaker, TimePoint now) const;

  std::vector<HealthEvent> succeed(const Pass& pass, TimePoint now);
  Settlement fail(const Pass& pass, const Verdict& verdict, TimePoint now);
  Settlement trip(const ModelChoice& model, std::optional<Breaker::Entry> provider_entry,
                  std::optional<Breaker::Entry> model_entry, const Verdict& verdict, TimePoint now);
  std::vector<HealthEvent> vouch(const Pass& pass, TimePoint now);
  void release(const Pass& pass) noexcept;

  const std::string provider_;  // constant after construction

  // Own synchronization. The first is true while every breaker is closed, so that a healthy provider costs no
  // lock.
  std::atomic<bool> all_closed_{true};
  std::atomic<std::size_t> wildcards_max_{0};

  mutable std::mutex mutex_;
  // Guarded by mutex_.
  Breaker breaker_{};
  Models models_{};  // those that ever failed
};

}  // namespace airouter::routing
