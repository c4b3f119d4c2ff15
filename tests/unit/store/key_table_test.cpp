#include "store/key_table.h"

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "support/catch.h"

using namespace airouterd;

namespace {

std::unique_ptr<store::ClientKey> key_of(const store::Hasher& hash, std::size_t number) {
  store::ClientKeyFacts facts;
  facts.id = std::to_string(number);
  facts.hash = hash(facts.id);
  return std::make_unique<store::ClientKey>(facts);
}

}  // namespace

TEST_CASE("keys are found by hash, however many there are", "[keys][key-table]") {
  const store::Hasher hash;
  store::KeyTable table;
  std::vector<std::unique_ptr<store::ClientKey>> keys;
  CHECK(table.find(hash("0")) == nullptr);
  for (std::size_t i = 0; i < 2000; ++i) {
    table.insert(*keys.emplace_back(key_of(hash, i)));
    if (i % 97 != 0) continue;
    for (const auto& key : keys)
      CHECK(table.find(key->hash()) == key.get());
    CHECK(table.find(hash(std::to_string(i + 1))) == nullptr);
  }
}

TEST_CASE("hashes that begin alike are told apart", "[keys][key-table]") {
  store::KeyTable table;
  std::vector<std::unique_ptr<store::ClientKey>> keys;
  for (unsigned char i = 0; i < 100; ++i) {
    store::ClientKeyFacts facts;
    facts.hash.fill(0xFF);  // the last place of every table, so that looking on starts over
    facts.hash.back() = i;
    table.insert(*keys.emplace_back(std::make_unique<store::ClientKey>(facts)));
  }
  for (const auto& key : keys)
    CHECK(table.find(key->hash()) == key.get());
}

TEST_CASE("whoever reads while the table grows misses nothing that was there", "[keys][key-table]") {
  constexpr std::size_t count = 5000;
  const store::Hasher hash;
  store::KeyTable table;
  std::vector<std::unique_ptr<store::ClientKey>> keys;
  for (std::size_t i = 0; i < count; ++i)
    keys.push_back(key_of(hash, i));
  std::atomic<std::size_t> there{0}, missed{0};
  std::vector<std::thread> readers;
  for (std::size_t thread = 0; thread < 3; ++thread) {
    readers.emplace_back([&, thread] {
      for (std::size_t i = thread; there.load() < count; i += 7919) {
        const std::size_t known = there.load();
        if (known == 0) continue;
        const auto& key = keys[i % known];
        if (table.find(key->hash()) != key.get()) ++missed;
      }
    });
  }
  for (std::size_t i = 0; i < count; ++i) {
    table.insert(*keys[i]);
    there.store(i + 1);
  }
  for (std::thread& reader : readers)
    reader.join();
  CHECK(missed == 0);
}
