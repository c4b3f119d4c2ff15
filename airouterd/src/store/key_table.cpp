#include "store/key_table.h"

#include <cstring>

namespace airouterd::store {

struct KeyTable::Slots {
  explicit Slots(std::size_t size) : mask(size - 1), keys(size) {}

  // The first slot that holds this hash, or that is free. At least half of them are.
  std::size_t place_of(const Digest& hash) const noexcept {
    std::size_t place = 0;
    static_assert(sizeof place <= std::tuple_size_v<Digest>);
    std::memcpy(&place, hash.data(), sizeof place);
    for (;; ++place) {
      const ClientKey* key = keys[place & mask].load(std::memory_order_acquire);
      if (key == nullptr || is_equal(key->hash(), hash)) return place & mask;
    }
  }

  const std::size_t mask;
  std::vector<std::atomic<ClientKey*>> keys;
};

KeyTable::KeyTable() {
  constexpr std::size_t size_at_first = 64;
  all_.push_back(std::make_unique<Slots>(size_at_first));
  current_.store(all_.back().get(), std::memory_order_release);
}

KeyTable::~KeyTable() = default;

ClientKey* KeyTable::find(const Digest& hash) const noexcept {
  const Slots& slots = *current_.load(std::memory_order_acquire);
  return slots.keys[slots.place_of(hash)].load(std::memory_order_acquire);
}

void KeyTable::insert(ClientKey& key) {
  Slots& slots = *all_.back();
  if (2 * (count_ + 1) <= slots.keys.size()) {
    slots.keys[slots.place_of(key.hash())].store(&key, std::memory_order_release);
    ++count_;
    return;
  }
  auto larger = std::make_unique<Slots>(2 * slots.keys.size());
  const auto put = [&](ClientKey& each) {
    larger->keys[larger->place_of(each.hash())].store(&each, std::memory_order_relaxed);
  };
  for (const auto& slot : slots.keys)
    if (ClientKey* other = slot.load(std::memory_order_relaxed); other != nullptr) put(*other);
  put(key);
  ++count_;
  all_.push_back(std::move(larger));
  current_.store(all_.back().get(), std::memory_order_release);
}

}  // namespace airouterd::store
