#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string_view>

#include <airouter/router.h>

#include "console.h"
#include "http/access.h"
#include "http/message.h"
#include "proxy/chat_route.h"
#include "proxy/gate.h"
#include "store/server_config.h"
#include "store/statistics.h"

namespace airouterd {

// What requests are served by until the next reload. Immutable.
struct Serving {
  airouter::Config routing{};
  http::AccessRules access{};
  proxy::ChatLimits chat{};
};

// Finds the route of a request, decides whether the client may take it, and calls it. Thread-safe. What it
// refers to must outlive it.
class Dispatcher {
 public:
  // Who may call a route.
  enum class Realm {
    everyone,
    local,    // loopback peers, and whoever has a client key: what it shows may quote providers
    clients,  // by client key, or by being on this machine while there are none
  };

  struct Route {
    std::string_view method{};
    std::string_view path{};  // normalised; one that ends in "/" takes any rest
    Realm realm{};
    http::Reply (Dispatcher::*handler)(http::Request&, const Serving&) const = nullptr;
  };
  static std::span<const Route> routes() noexcept;

  // Whether a request must be answered when there is room for no other: it tells how the server is.
  static bool is_reserved(std::string_view method, std::string_view path) noexcept;

  Dispatcher(airouter::Router& router, proxy::Gate& gate, const store::Statistics& statistics,
             Console& console)
      : router_(router), gate_(gate), statistics_(statistics), console_(console) {}

  void set_serving(std::shared_ptr<const Serving> serving);
  http::Reply handle(http::Request& request) const;

 private:
  std::shared_ptr<const Serving> serving() const;
  http::Reply dispatch(http::Request& request, const Serving& serving) const;
  http::Reply without_route(const http::Request& request) const;

  http::Reply service(http::Request& request, const Serving& serving) const;
  http::Reply health(http::Request& request, const Serving& serving) const;
  http::Reply stats(http::Request& request, const Serving& serving) const;
  http::Reply chat(http::Request& request, const Serving& serving) const;
  http::Reply models(http::Request& request, const Serving& serving) const;
  http::Reply model(http::Request& request, const Serving& serving) const;

  // Own synchronization.
  airouter::Router& router_;
  proxy::Gate& gate_;
  const store::Statistics& statistics_;
  Console& console_;

  mutable std::mutex mutex_;
  std::shared_ptr<const Serving> serving_{};  // guarded by mutex_
};

}  // namespace airouterd
