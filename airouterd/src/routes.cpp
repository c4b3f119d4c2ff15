#include "routes.h"

#include <algorithm>
#include <array>

#include "admin/body.h"
#include "admin/demo_routes.h"
#include "admin/key_routes.h"
#include "admin/live_routes.h"
#include "admin/log_routes.h"
#include "admin/login_routes.h"
#include "admin/model_map_routes.h"
#include "admin/openapi_route.h"
#include "admin/overview_routes.h"
#include "admin/panel_routes.h"
#include "admin/probe_route.h"
#include "admin/provider_routes.h"
#include "admin/provider_test_routes.h"
#include "admin/request.h"
#include "admin/request_routes.h"
#include "admin/server_routes.h"
#include "admin/status_routes.h"
#include "admin/system_routes.h"
#include "http/error_reply.h"
#include "http/gzip.h"
#include "proxy/models_route.h"

namespace airouterd {
namespace {

http::Reply chat(const Parts& parts, RoutedRequest& request) {
  return proxy::ChatRoute(parts.router, parts.gate, request.serving.chat, request.on_refused)
      .handle(request.http, {request.key == nullptr ? std::string_view() : request.key->id(),
                             request.client_ip(), request.models()});
}

// The panel's own request. It goes the way of every other one, with the administrator as its key.
http::Reply playground(const Parts& parts, RoutedRequest& request) {
  if (auto refused = admin::refuse_other_type({request.http, {}, request.serving.routing}))
    return *std::move(refused);
  if (parts.gate.is_draining()) return http::error_reply(proxy::shutdown_error());
  return proxy::ChatRoute(parts.router, parts.gate, request.serving.chat, request.on_refused)
      .handle(request.http, {"panel", request.client_ip()});
}

http::Reply models(const Parts& parts, RoutedRequest& request) {
  return proxy::list_models(parts.router, request.models());
}

http::Reply model(const Parts& parts, RoutedRequest& request) {
  return proxy::show_model(parts.router, request.name, request.models());
}

// A handler of the admin API as a handler of the table.
template <http::Reply (*handler)(const admin::Context&, admin::Request&)>
http::Reply admin_route(const Parts& parts, RoutedRequest& request) {
  admin::Request call(request.http, request.name, request.serving.routing);
  // Also where the body is not read: a form of a foreign page cannot send this type without being asked for
  // leave.
  const bool is_read = request.http.method == "GET" || request.http.method == "HEAD";
  if (!is_read)
    if (auto refusal = admin::refuse_other_type(call)) return *std::move(refusal);
  http::Reply reply = handler(parts.admin, call);
  // New keys and tokens are told to who writes only.
  if (is_read && request.http.path.starts_with("/api/")) http::pack(reply, request.http);
  return reply;
}

constexpr std::array table{
    // What clients call, the hot one first.
    Route{"POST", "/v1/chat/completions", Realm::clients, &chat},
    Route{"GET", "/v1/models", Realm::clients, &models},
    Route{"GET", "/v1/models/{id...}", Realm::clients, &model},
    // How the server is.
    Route{"GET", "/health", Realm::everyone, &admin_route<admin::show_health>, Load::tiny},
    Route{"GET", "/stats", Realm::local, &admin_route<admin::show_stats>, Load::tiny},
    Route{"GET", "/", Realm::everyone, &admin_route<admin::show_service>, Load::tiny},
    Route{"GET", "/openapi.json", Realm::local, &admin_route<admin::show_openapi>},
    // Client keys and the administrator's.
    Route{"POST", "/api/login", Realm::pages, &admin_route<admin::log_in>},
    Route{"GET", "/api/keys", Realm::admin, &admin_route<admin::list_keys>},
    Route{"POST", "/api/keys", Realm::admin, &admin_route<admin::create_key>},
    Route{"GET", "/api/keys/{id}", Realm::admin, &admin_route<admin::show_key>},
    Route{"PUT", "/api/keys/{id}", Realm::admin, &admin_route<admin::change_key>},
    Route{"DELETE", "/api/keys/{id}", Realm::admin, &admin_route<admin::remove_key>},
    // Requests, logs and statistics.
    Route{"GET", "/api/logs", Realm::admin, &admin_route<admin::list_logs>},
    Route{"GET", "/api/logs/stream", Realm::admin, &admin_route<admin::stream_logs>, Load::lasting},
    Route{"GET", "/api/logs/stats", Realm::admin, &admin_route<admin::show_log_statistics>},
    Route{"GET", "/api/logs/hourly", Realm::admin, &admin_route<admin::show_hourly_requests>},
    Route{"GET", "/api/requests", Realm::admin, &admin_route<admin::list_requests>},
    Route{"GET", "/api/requests/stream", Realm::admin, &admin_route<admin::stream_requests>, Load::lasting},
    Route{"GET", "/api/requests/{id}", Realm::admin, &admin_route<admin::show_request>},
    Route{"GET", "/api/overview", Realm::admin, &admin_route<admin::show_overview>},
    Route{"GET", "/api/admin/system-stats", Realm::admin, &admin_route<admin::show_system>},
    // Providers.
    Route{"GET", "/api/providers", Realm::admin, &admin_route<admin::list_providers>},
    Route{"POST", "/api/providers", Realm::admin, &admin_route<admin::add_provider>},
    Route{"POST", "/api/providers/test-all", Realm::admin, &admin_route<admin::test_all_providers>,
          Load::lasting},
    Route{"GET", "/api/providers/test-results", Realm::admin, &admin_route<admin::show_test_results>},
    Route{"POST", "/api/providers/probe", Realm::admin, &admin_route<admin::probe_provider>, Load::lasting},
    Route{"GET", "/api/providers/{name}", Realm::admin, &admin_route<admin::show_provider>},
    Route{"PUT", "/api/providers/{name}", Realm::admin, &admin_route<admin::change_provider>},
    Route{"DELETE", "/api/providers/{name}", Realm::admin, &admin_route<admin::remove_provider>},
    Route{"POST", "/api/providers/{name}/test", Realm::admin, &admin_route<admin::test_provider>,
          Load::lasting},
    // Routes of models.
    Route{"GET", "/api/model-map", Realm::admin, &admin_route<admin::show_model_map>},
    Route{"PUT", "/api/model-map", Realm::admin, &admin_route<admin::replace_model_map>},
    Route{"POST", "/api/model-map", Realm::admin, &admin_route<admin::add_mapping>},
    Route{"PUT", "/api/model-map/{name}", Realm::admin, &admin_route<admin::set_mapping>},
    Route{"DELETE", "/api/model-map/{name}", Realm::admin, &admin_route<admin::remove_mapping>},
    Route{"GET", "/api/route/explain", Realm::admin, &admin_route<admin::explain_route>},
    // The server itself.
    Route{"GET", "/api/config", Realm::admin, &admin_route<admin::show_config>},
    Route{"PUT", "/api/config", Realm::admin, &admin_route<admin::change_config>},
    Route{"POST", "/api/admin/reset/{name}", Realm::admin, &admin_route<admin::reset_provider>},
    Route{"POST", "/api/admin/reset-all", Realm::admin, &admin_route<admin::reset_all>},
    Route{"POST", "/api/admin/reload-config", Realm::admin, &admin_route<admin::reload_config>},
    Route{"POST", "/api/playground", Realm::admin, &playground, Load::lasting},
    Route{"POST", "/api/demo/trip/{name}", Realm::admin, &admin_route<admin::trip_provider>},
    // The panel.
    Route{"GET", "/admin", Realm::pages, &admin_route<admin::show_panel>},
    Route{"GET", "/admin/{file...}", Realm::pages, &admin_route<admin::show_panel_file>},
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
