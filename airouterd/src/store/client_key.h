#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "store/rate_limit.h"
#include "store/secrets.h"

namespace airouterd::store {

// The models a client key may ask for, by the names that clients use; each entry may hold `*`. Immutable.
class AllowedModels {
 public:
  explicit AllowedModels(std::vector<std::string> entries) : entries_(std::move(entries)) {}

  const std::vector<std::string>& entries() const noexcept { return entries_; }
  bool allow(std::string_view model) const noexcept;

 private:
  const std::vector<std::string> entries_;
};

// All there is to say of a client key, but never the key itself. A value; times in seconds since 1970.
struct ClientKeyFacts {
  std::string id{}, name{};
  Digest hash{};
  double created_at = 0;
  std::optional<double> last_used{};
  bool is_enabled = true;
  int rate_limit = 60;  // requests a minute; 0: any number
  std::int64_t total_requests = 0;
  std::optional<std::vector<std::string>> models{};  // nothing: all
  std::optional<double> expires_at{};                // nothing: never
  std::string others{};  // members of the file that mean nothing here: `"a":1,"b":[]`
};

// What is to become of one; nothing: it stays as it is.
struct ClientKeyChange {
  std::optional<std::string> name{};
  std::optional<bool> is_enabled{};
  std::optional<int> rate_limit{};
  std::optional<std::optional<std::vector<std::string>>> models{};
  std::optional<std::optional<double>> expires_at{};

  void apply_to(ClientKeyFacts& facts) const;
};

// A client key as requests meet it. Made and changed by ClientKeys; everything that requests read is atomic.
// It lives as long as the ClientKeys, so that no request can hold one that is gone.
class ClientKey {
 public:
  explicit ClientKey(const ClientKeyFacts& facts);

  const std::string& id() const noexcept { return id_; }
  const Digest& hash() const noexcept { return hash_; }

  bool is_removed() const noexcept { return is_removed_.load(std::memory_order_acquire); }
  bool is_enabled() const noexcept { return is_enabled_.load(std::memory_order_relaxed); }
  bool is_expired(std::int64_t unix_milliseconds) const noexcept {
    return expires_at_.load(std::memory_order_relaxed) <= unix_milliseconds;
  }

  // Null: all.
  const AllowedModels* models() const noexcept { return models_.load(std::memory_order_acquire); }

  // 0: no limit.
  int rate_limit() const noexcept { return rate_limit_.load(std::memory_order_relaxed); }
  RateLimit& limiter() noexcept { return limiter_; }

  void count(std::int64_t unix_milliseconds) noexcept {
    total_requests_.fetch_add(1, std::memory_order_relaxed);
    last_used_.store(unix_milliseconds, std::memory_order_relaxed);
  }

 private:
  friend class ClientKeys;

  ClientKeyFacts facts() const;
  void apply(const ClientKeyFacts& facts, const AllowedModels* models);

  // Constant after construction.
  const std::string id_;
  const Digest hash_;
  const double created_at_;
  const std::string others_;

  // Guarded by the mutex of ClientKeys.
  std::string name_{};
  std::string entry_{};  // as the file has it
  std::int64_t requests_in_entry_ = 0, last_used_in_entry_ = 0;

  // Own synchronization. Times in milliseconds since 1970.
  std::atomic<bool> is_removed_{false}, is_enabled_{true};
  std::atomic<int> rate_limit_{0};
  std::atomic<std::int64_t> expires_at_{0}, last_used_{0}, total_requests_{0};
  std::atomic<const AllowedModels*> models_{nullptr};
  RateLimit limiter_{};
};

}  // namespace airouterd::store
