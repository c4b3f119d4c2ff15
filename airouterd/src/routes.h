#pragma once

#include <span>
#include <string_view>

#include "admin/context.h"
#include "http/message.h"
#include "proxy/chat_route.h"
#include "proxy/gate.h"
#include "serving.h"
#include "store/client_key.h"

namespace airouterd {

// Who may call a route.
enum class Realm {
  everyone,
  local,    // loopback peers, and whoever has the admin token or a client key: what it shows may quote
            // providers, or is too much for strangers
  pages,    // everyone but web pages of other sites
  clients,  // by client key, or by being on this machine while there are none
  admin,    // by the admin token
};

// What a request of a route costs, which decides what becomes of it when there is room for no other.
enum class Load {
  tiny,      // tells how the server is in a few bytes: answered even then
  ordinary,  // answered even then if it is the administrator's, refused otherwise
  lasting,   // streams, or waits for providers: refused
};

// What handlers act on. All of it has its own synchronization and outlives them.
struct Parts {
  airouter::Router& router;
  proxy::Gate& gate;
  const admin::Context& admin;
};

// A request that has found its route and may take it.
struct RoutedRequest {
  http::Request& http;
  std::string_view name;  // what stands in place of the path's parameter, as sent
  const Serving& serving;
  const proxy::ChatRoute::OnRefused& on_refused;
  const store::ClientKey* key = nullptr;  // the client's; null: it needs none

  std::string_view client_ip() const { return http::client_address(http, serving.access); }
  const store::AllowedModels* models() const { return key == nullptr ? nullptr : key->models(); }
};

struct Route {
  std::string_view method{};

  // Normalised. `{name}` takes one segment, whatever is in it; at the end, `{id...}` takes any rest.
  std::string_view path{};
  Realm realm{};
  http::Reply (*handler)(const Parts&, RoutedRequest&) = nullptr;

  Load load = Load::ordinary;
};

// Every route there is. Literal paths stand before those with parameters that would take them, too.
std::span<const Route> routes() noexcept;

// Whether the route takes this path; `name` is what its parameter stands for.
bool takes_path(const Route& route, std::string_view path, std::string_view& name) noexcept;

// HEAD is a GET whose body the connection leaves out.
bool takes_method(const Route& route, std::string_view method) noexcept;

}  // namespace airouterd
