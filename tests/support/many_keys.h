#pragma once

#include <string>

#include "store/client_keys_file.h"

// A file of so many client keys: "sk-10000000", "sk-10000001", …, without limits.
inline std::string many_keys(int count) {
  const airouterd::store::Hasher hash;
  airouterd::store::ClientKeysFile file;
  for (int i = 0; i < count; ++i) {
    airouterd::store::ClientKeyFacts facts;
    facts.id = std::to_string(10'000'000 + i);
    facts.name = "client " + facts.id;
    facts.hash = hash("sk-" + facts.id);
    facts.rate_limit = 0;
    file.keys.push_back(facts);
  }
  return airouterd::store::to_json(file);
}
