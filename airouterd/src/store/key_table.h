#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <vector>

#include "store/client_key.h"

namespace airouterd::store {

// Finds client keys by their hash, without a lock: open addressing over atomic pointers. One writer at a
// time; readers at any time. A table that has grown too full is replaced by a larger one, and stays until the
// end for those who still read it: together they are no larger than the last one. Owns no key.
class KeyTable {
 public:
  KeyTable();
  ~KeyTable();
  KeyTable(const KeyTable&) = delete;
  KeyTable& operator=(const KeyTable&) = delete;

  // Null: there is none. Also finds keys that are removed.
  ClientKey* find(const Digest& hash) const noexcept;

  // The key must outlive the table, and have a hash of its own.
  void insert(ClientKey& key);

 private:
  struct Slots;

  std::atomic<const Slots*> current_{nullptr};

  // Used by one writer at a time.
  std::vector<std::unique_ptr<Slots>> all_{};
  std::size_t count_ = 0;
};

}  // namespace airouterd::store
