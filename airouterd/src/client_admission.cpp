#include "client_admission.h"

#include <chrono>
#include <string>

#include <fmt/format.h>

namespace airouterd {
namespace {

http::KeyState state_of(const store::ClientKey* key, const store::ClientKeys& keys) {
  if (key == nullptr) return http::KeyState::unknown;
  if (!key->is_enabled()) return http::KeyState::disabled;
  return keys.is_expired(*key) ? http::KeyState::expired : http::KeyState::valid;
}

// As OpenAI writes it: "250ms", "12s".
std::string duration_text(std::chrono::nanoseconds time) {
  using namespace std::chrono;
  if (time < seconds(1)) return fmt::format("{}ms", ceil<milliseconds>(time).count());
  return fmt::format("{}s", ceil<seconds>(time).count());
}

void limit(store::ClientKey& key, store::ClientKeys& keys, Admission& admission) {
  const int per_minute = key.rate_limit();
  const store::RateLimit::Verdict verdict = keys.admit(key);
  if (per_minute == 0) return;
  admission.headers.emplace_back("x-ratelimit-limit-requests", std::to_string(per_minute));
  admission.headers.emplace_back("x-ratelimit-remaining-requests", std::to_string(verdict.remaining));
  admission.headers.emplace_back("x-ratelimit-reset-requests", duration_text(verdict.full));
  if (verdict.is_admitted) return;
  const auto wait = std::chrono::ceil<std::chrono::seconds>(verdict.wait).count();
  admission.headers.emplace_back("retry-after", std::to_string(wait));
  admission.refusal = http::Refusal{
      429, "rate_limit_exceeded",
      fmt::format("This API key may make {} requests a minute: try again in {} s.", per_minute, wait)};
}

}  // namespace

Admission admit_client(const http::Request& request, const http::AccessRules& rules,
                       store::ClientKeys& keys) {
  Admission admission;
  store::ClientKey* key = nullptr;
  http::KeyState state = http::KeyState::unknown;
  const auto look_up = [&](std::string_view text) {
    key = keys.find(text);
    return state = state_of(key, keys);
  };
  admission.refusal = http::may_call_v1(request, rules, {look_up, [&] { return keys.ever_made(); }});
  if (state != http::KeyState::valid) return admission;
  admission.key = key;
  limit(*key, keys, admission);
  return admission;
}

bool has_client_key(const http::Request& request, const store::ClientKeys& keys) {
  return state_of(keys.find(http::client_key(request.headers)), keys) == http::KeyState::valid;
}

}  // namespace airouterd
