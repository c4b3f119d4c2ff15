#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include <airouter/clock.h>

#include "admin/request.h"
#include "admin/sessions.h"
#include "admin/throttle.h"
#include "http/access.h"
#include "http/message.h"
#include "store/secrets.h"

namespace airouterd::admin {

enum class Auth {
  token,     // the admin token
  password,  // the same, or a token that a login by password gave
  none,      // loopback peers need nothing
};

// From the config, until the next reload. Immutable.
struct DoorRules {
  http::AccessRules access{};
  Auth auth = Auth::token;
  std::string password_hash{};  // for Auth::password
};

// Decides from a request's head who may administer the server, and slows down whoever guesses. Client keys
// mean nothing here. Thread-safe. Clock and token are constant; the token is kept as a hash.
class Door {
 public:
  Door(std::string_view token, std::shared_ptr<airouter::Clock> clock);

  // Sessions end if the way in has changed.
  void set_rules(DoorRules rules);

  // What stands before the administration API: nothing, or 421, 403, 401 or 429, in this order.
  std::optional<http::Reply> refuse(const Request& request);

  // What stands before a login: the same without 401 and 429.
  std::optional<http::Reply> refuse_page(const Request& request) const;

  // What stands before things that may be seen on this machine, by the administrator, and by holders of a
  // client key: 421, 401 or 429.
  std::optional<http::Reply> refuse_stranger(const Request& request, bool has_client_key);

  // Whether a request with these headers may be the administrator's, so far as a token tells. Counts nothing
  // as a try: `refuse` still has to be asked.
  bool knows(const http::Headers& headers) const;

  // Answers a login: `{"token","expires_at"}`, or 401, 429, 503, or 400 if there is no password to log in by.
  http::Reply login(const Request& request, std::string_view password);

 private:
  std::shared_ptr<const DoorRules> rules() const;
  bool is_right(std::string_view token, const DoorRules& rules) const;
  std::optional<http::Reply> check_token(const Request& request, const DoorRules& rules,
                                         const Sentence& needed);

  // Constant after construction.
  const store::Hasher hasher_{};
  const store::Digest token_;
  const std::shared_ptr<airouter::Clock> clock_;

  // Own synchronization.
  Throttle tokens_{}, passwords_{};  // apart: a panel whose session is over must be able to log in
  Sessions sessions_{};
  std::atomic<int> logins_under_way_{0};

  mutable std::mutex mutex_;
  std::shared_ptr<const DoorRules> rules_ = std::make_shared<const DoorRules>();  // guarded by mutex_
};

}  // namespace airouterd::admin
