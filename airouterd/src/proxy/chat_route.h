#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <string_view>
#include <utility>

#include <airouter/router.h>

#include "http/message.h"
#include "proxy/gate.h"
#include "store/client_key.h"

namespace airouterd::proxy {

// How the chat route treats clients. Constant while it serves.
struct ChatLimits {
  std::size_t body_bytes_max = std::size_t{32} << 20;
  std::chrono::milliseconds commit_after{15'000};      // without output a streamed reply begins anyway
  std::chrono::milliseconds stream_keepalive{15'000};  // between signs of life to the client
};

// Who asks, as logs tell it.
struct Caller {
  std::string_view key_id{};                     // names the client key; empty: there was none
  std::string_view client_ip{};                  // numeric; behind trusted proxies the one they tell
  const store::AllowedModels* models = nullptr;  // what it may ask for; null: all
};

// POST /v1/chat/completions: a thin loop over a Call. Thread-safe; router and gate must outlive it and its
// replies.
class ChatRoute {
 public:
  // Told of each request that never became a call: calls have the router's observer.
  using OnRefused = std::function<void(const airouter::Error&)>;

  ChatRoute(airouter::Router& router, Gate& gate, ChatLimits limits, OnRefused on_refused)
      : router_(router), gate_(gate), limits_(limits), on_refused_(std::move(on_refused)) {}

  http::Reply handle(http::Request& request, const Caller& caller) const;

 private:
  http::Reply answer(http::Request& request, const Caller& caller, Gate::Ticket ticket) const;
  http::Reply refuse(const airouter::Error& error) const;
  http::Reply plain(airouter::Call call, Gate::Ticket ticket) const;
  http::Reply streamed(airouter::Call call, Gate::Ticket ticket, const airouter::Interrupt& client) const;

  airouter::Router& router_;
  Gate& gate_;
  const ChatLimits limits_;
  const OnRefused on_refused_;
};

}  // namespace airouterd::proxy
