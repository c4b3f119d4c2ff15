#include "store/client_key.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/text.h"

namespace airouterd::store {
namespace {

constexpr std::int64_t never = std::numeric_limits<std::int64_t>::max();

std::int64_t milliseconds_of(double seconds) {
  constexpr double far_away = 1e15;  // thousands of years, and well within an integer
  return std::llround(std::clamp(seconds * 1000, -far_away, far_away));
}

double seconds_of(std::int64_t milliseconds) {
  return static_cast<double>(milliseconds) / 1000;
}

}  // namespace

bool AllowedModels::allow(std::string_view model) const noexcept {
  return std::any_of(entries_.begin(), entries_.end(), [&](const std::string& entry) {
    return airouter::text::matches_wildcard(entry, model);
  });
}

void ClientKeyChange::apply_to(ClientKeyFacts& facts) const {
  if (name) facts.name = *name;
  if (is_enabled) facts.is_enabled = *is_enabled;
  if (rate_limit) facts.rate_limit = *rate_limit;
  if (models) facts.models = *models;
  if (expires_at) facts.expires_at = *expires_at;
}

ClientKey::ClientKey(const ClientKeyFacts& facts)
    : id_(facts.id),
      hash_(facts.hash),
      created_at_(facts.created_at),
      others_(facts.others),
      last_used_(facts.last_used ? milliseconds_of(*facts.last_used) : 0),
      total_requests_(facts.total_requests) {}

ClientKeyFacts ClientKey::facts() const {
  ClientKeyFacts facts;
  facts.id = id_;
  facts.name = name_;
  facts.hash = hash_;
  facts.created_at = created_at_;
  if (const auto used = last_used_.load(std::memory_order_relaxed); used != 0)
    facts.last_used = seconds_of(used);
  facts.is_enabled = is_enabled();
  facts.rate_limit = rate_limit();
  facts.total_requests = total_requests_.load(std::memory_order_relaxed);
  if (const AllowedModels* list = models(); list != nullptr) facts.models = list->entries();
  if (const auto end = expires_at_.load(std::memory_order_relaxed); end != never)
    facts.expires_at = seconds_of(end);
  facts.others = others_;
  return facts;
}

void ClientKey::apply(const ClientKeyFacts& facts, const AllowedModels* models) {
  name_ = facts.name;
  is_enabled_.store(facts.is_enabled, std::memory_order_relaxed);
  rate_limit_.store(facts.rate_limit, std::memory_order_relaxed);
  expires_at_.store(facts.expires_at ? milliseconds_of(*facts.expires_at) : never, std::memory_order_relaxed);
  models_.store(models, std::memory_order_release);
}

}  // namespace airouterd::store
