#pragma once

#include <atomic>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <airouter/clock.h>
#include <airouter/result.h>

#include "store/client_key.h"
#include "store/client_keys_file.h"
#include "store/key_table.h"

namespace airouterd::store {

// The keys of clients: found without a lock, kept as hashes in a file, which is saved before a change counts.
// Thread-safe. Keys that were found stay alive as long as this does.
//
// A file that is there but cannot be read stays as it is: nobody's key is valid then, yet keys count as made,
// and every change fails, until somebody mends the file and starts again.
class ClientKeys {
 public:
  static constexpr std::size_t keys_max = 100'000;
  static constexpr std::size_t key_bytes_max = 512;  // longer ones are nobody's

  // `file` may not be there yet; empty: keys live in memory only.
  ClientKeys(std::filesystem::path file, std::shared_ptr<airouter::Clock> clock);
  ~ClientKeys();  // saves the counters
  ClientKeys(const ClientKeys&) = delete;
  ClientKeys& operator=(const ClientKeys&) = delete;

  // What is wrong with the file, for the operator.
  const std::vector<std::string>& warnings() const noexcept { return warnings_; }

  // Whether changes outlive the process.
  bool is_kept() const noexcept { return !path_.empty(); }

  // Whether the last save, if there was one, succeeded.
  bool is_saving_fine() const noexcept { return is_saving_fine_.load(); }

  // Null: there is no such key. It may be disabled or expired.
  ClientKey* find(std::string_view key) const;

  // Whether there ever was a key. Deleting the last one does not undo it.
  bool ever_made() const noexcept { return ever_made_.load(std::memory_order_relaxed); }

  std::vector<ClientKeyFacts> list() const;
  std::optional<ClientKeyFacts> get(std::string_view id) const;

  struct Made {
    std::string key{};  // nobody can be told it again
    ClientKeyFacts facts{};
  };

  // Id, hash and time of creation are filled in. Errors: overloaded, if it cannot be saved or there are too
  // many; nothing has changed then.
  airouter::Result<Made> create(ClientKeyFacts facts);

  // Errors: as above, and invalid_request with http_status 404 if there is no such key.
  airouter::Result<void> change(std::string_view id, const ClientKeyChange& change);
  airouter::Result<void> remove(std::string_view id);

  // Counters, if requests have changed them since they were saved; other saves leave them as they stand in
  // the file. Errors: overloaded.
  airouter::Result<void> save_counters();

  bool is_expired(const ClientKey& key) const noexcept;

  // A request comes with this key: counts it, unless the key's limit keeps it out.
  RateLimit::Verdict admit(ClientKey& key) noexcept;

 private:
  void load();
  ClientKey& add(const ClientKeyFacts& facts);
  ClientKey* with_id(std::string_view id) const;
  const AllowedModels* models_of(const ClientKeyFacts& facts, const ClientKey& key);
  std::size_t count() const;
  airouter::Result<void> save(const ClientKey* changed = nullptr, std::string_view entry = {});
  void renew_entries();

  // Constant after construction.
  const std::filesystem::path path_;
  const std::shared_ptr<airouter::Clock> clock_;
  const Hasher hasher_{};
  std::vector<std::string> warnings_{};
  std::string problem_{};  // why the file cannot be read; empty: it can

  // Own synchronization.
  std::atomic<bool> ever_made_{false}, has_counted_{false}, is_saving_fine_{true};
  KeyTable table_{};  // written under mutex_

  mutable std::mutex mutex_;
  // Guarded by mutex_.
  std::vector<std::unique_ptr<ClientKey>> keys_{};              // removed ones, too
  std::vector<std::unique_ptr<const AllowedModels>> models_{};  // those that were replaced, too
  ClientKeysFile frame_{};                                      // what else stands in the file; without keys
};

}  // namespace airouterd::store
