#pragma once

#include <optional>

#include "http/access.h"
#include "http/message.h"
#include "store/client_keys.h"

namespace airouterd {

// What is decided about a call to /v1 before its route sees it.
struct Admission {
  std::optional<http::Refusal> refusal{};
  store::ClientKey* key = nullptr;  // a valid one; null: none is needed
  http::Headers headers{};          // of the answer, whatever it is: what is left of the key's limit
};

// By key, Host, Origin and the key's limit. From the request's head alone, without a lock.
Admission admit_client(const http::Request& request, const http::AccessRules& rules, store::ClientKeys& keys);

bool has_client_key(const http::Request& request, const store::ClientKeys& keys);

}  // namespace airouterd
