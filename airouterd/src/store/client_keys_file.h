#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "store/client_key.h"

// The file of client keys: `{"keys":{ID:{…}}}`, as the earlier Python program wrote it. Pure.
namespace airouterd::store {

struct ClientKeysFile {
  std::vector<ClientKeyFacts> keys{};
  bool ever_made = false;  // also if there is none any more
  bool is_list = false;    // `"keys"` is a list instead of an object

  // What means nothing here and is kept: `"a":1,"b":[]` beside `"keys"`; entries that are no keys, as they
  // were written, `"ID":{…}` in an object.
  std::string others{};
  std::vector<std::string> odd_entries{};

  bool has_plain_keys = false;          // a key stood there as it is, and must not stay
  std::vector<std::string> warnings{};  // what was left out; no key is in them
  std::string problem{};                // why nothing can be made of it; empty: something can
};

// Takes what it can: `"keys"` as an object or as a list, or those alone; `key_hash` or `hash`, or the key
// itself, which is not kept; times in seconds since 1970 or as "2025-01-31 12:00:00".
ClientKeysFile parse_client_keys(std::string_view json, const Hasher& hash);

// A key as it stands in a file.
std::string entry_of(const ClientKeyFacts& key, bool is_list);

// A whole file: these entries, and what else `frame` has; its keys are not looked at.
std::string to_json(const ClientKeysFile& frame, const std::vector<std::string_view>& entries);

std::string to_json(const ClientKeysFile& file);

}  // namespace airouterd::store
