#include "admin/sessions.h"

#include <algorithm>

namespace airouterd::admin {

std::string Sessions::start(const store::Hasher& hasher, airouter::TimePoint now) {
  std::string token = store::random_hex(32);
  const std::scoped_lock lock(mutex_);
  std::erase_if(sessions_, [&](const Session& session) { return session.until <= now; });
  if (sessions_.size() >= sessions_max) sessions_.erase(sessions_.begin());
  sessions_.push_back({hasher(token), now + lifetime});
  return token;
}

bool Sessions::holds(const store::Digest& token, airouter::TimePoint now) const {
  const std::scoped_lock lock(mutex_);
  return std::any_of(sessions_.begin(), sessions_.end(), [&](const Session& session) {
    return session.until > now && store::is_equal(session.token, token);
  });
}

void Sessions::end_all() {
  const std::scoped_lock lock(mutex_);
  sessions_.clear();
}

}  // namespace airouterd::admin
