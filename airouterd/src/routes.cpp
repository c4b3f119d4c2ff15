#include "routes.h"

#include <algorithm>
#include <array>

#include "admin/login_routes.h"
#include "admin/request.h"
#include "admin/status_routes.h"
#include "proxy/models_route.h"

namespace airouterd {
namespace {

http::Reply chat(const Parts& parts, RoutedRequest& request) {
  return proxy::ChatRoute(parts.router, parts.gate, request.serving.chat, request.on_refused)
      .handle(request.http, {});
}

http::Reply models(const Parts& parts, RoutedRequest& /*request*/) {
  return proxy::list_models(parts.router);
}

http::Reply model(const Parts& parts, RoutedRequest& request) {
  return proxy::show_model(parts.router, request.name);
}

// A handler of the admin API as a handler of the table.
template <http::Reply (*handler)(const admin::Context&, admin::Request&)>
http::Reply admin_route(const Parts& parts, RoutedRequest& request) {
  admin::Request call(request.http, request.name, request.serving.routing);
  return handler(parts.admin, call);
}

constexpr std::array table{
    // What clients call, the hot one first.
    Route{"POST", "/v1/chat/completions", Realm::clients, &chat},
    Route{"GET", "/v1/models", Realm::clients, &models},
    Route{"GET", "/v1/models/{id...}", Realm::clients, &model},
    // How the server is.
    Route{"GET", "/health", Realm::everyone, &admin_route<admin::show_health>},
    Route{"GET", "/stats", Realm::local, &admin_route<admin::show_stats>},
    Route{"GET", "/", Realm::everyone, &admin_route<admin::show_service>},
    // Client keys and the administrator's.
    Route{"POST", "/api/login", Realm::pages, &admin_route<admin::log_in>},
    // Requests, logs and statistics.
    // Providers.
    // Routes of models.
    // The server itself.
};

std::string_view next_segment(std::string_view& path) noexcept {
  const auto end = std::min(path.find('/', 1), path.size());
  const std::string_view segment = path.substr(0, end);
  path.remove_prefix(end);
  return segment;
}

}  // namespace

std::span<const Route> routes() noexcept {
  return table;
}

bool takes_path(const Route& route, std::string_view path, std::string_view& name) noexcept {
  std::string_view pattern = route.path;
  if (pattern.find('{') == std::string_view::npos) return pattern == path;
  while (!pattern.empty() && !path.empty()) {
    const std::string_view wanted = next_segment(pattern);
    if (wanted.ends_with("...}")) {
      name = path.substr(1);
      return !name.empty();
    }
    const std::string_view segment = next_segment(path);
    if (wanted.starts_with("/{")) {
      name = segment.substr(1);
      if (name.empty()) return false;
    } else if (wanted != segment) {
      return false;
    }
  }
  return pattern.empty() && path.empty();
}

bool takes_method(const Route& route, std::string_view method) noexcept {
  return route.method == method || (route.method == "GET" && method == "HEAD");
}

}  // namespace airouterd
