#include "dispatcher.h"

#include <algorithm>
#include <array>
#include <string>

#include <fmt/format.h>

#include "admin/status_routes.h"
#include "base/text.h"
#include "http/cors.h"
#include "http/error_reply.h"
#include "proxy/models_route.h"

namespace airouterd {
namespace {

constexpr std::string_view model_path = "/v1/models/";

// Endpoints of OpenAI's API that are known, but not offered: clients deserve to be told apart from a typing
// error.
constexpr std::array<std::string_view, 11> not_supported_yet{
    "/v1/completions", "/v1/embeddings",  "/v1/responses", "/v1/images",
    "/v1/audio",       "/v1/moderations", "/v1/files",     "/v1/batches",
    "/v1/fine_tuning", "/v1/assistants",  "/v1/realtime"};

bool is_at(std::string_view path, std::string_view prefix) {
  return path.starts_with(prefix) && (path.size() == prefix.size() || path[prefix.size()] == '/');
}

bool takes(const Dispatcher::Route& route, std::string_view path) {
  if (route.path.size() > 1 && route.path.ends_with('/'))
    return path.size() > route.path.size() && path.starts_with(route.path);
  return path == route.path;
}

// HEAD is a GET whose body the connection leaves out.
bool takes_method(const Dispatcher::Route& route, std::string_view method) {
  return route.method == method || (route.method == "GET" && method == "HEAD");
}

}  // namespace

std::span<const Dispatcher::Route> Dispatcher::routes() noexcept {
  static constexpr std::array<Route, 6> table{{
      {"POST", "/v1/chat/completions", Realm::clients, &Dispatcher::chat},
      {"GET", "/v1/models", Realm::clients, &Dispatcher::models},
      {"GET", model_path, Realm::clients, &Dispatcher::model},
      {"GET", "/health", Realm::everyone, &Dispatcher::health},
      {"GET", "/stats", Realm::local, &Dispatcher::stats},
      {"GET", "/", Realm::everyone, &Dispatcher::service},
  }};
  return table;
}

bool Dispatcher::is_reserved(std::string_view method, std::string_view path) noexcept {
  const auto table = routes();
  return std::any_of(table.begin(), table.end(), [&](const Route& route) {
    return route.realm != Realm::clients && takes(route, path) && takes_method(route, method);
  });
}

void Dispatcher::set_serving(std::shared_ptr<const Serving> serving) {
  const std::scoped_lock lock(mutex_);
  serving_ = std::move(serving);
}

std::shared_ptr<const Serving> Dispatcher::serving() const {
  const std::scoped_lock lock(mutex_);
  return serving_;
}

http::Reply Dispatcher::handle(http::Request& request) const {
  const auto serving = this->serving();
  http::Reply reply = dispatch(request, *serving);
  if (http::is_cors_path(request.path)) http::add_cors_headers(reply);
  return reply;
}

http::Reply Dispatcher::dispatch(http::Request& request, const Serving& serving) const {
  if (request.method == "OPTIONS" && http::is_cors_path(request.path)) return http::preflight_reply(request);
  const auto table = routes();
  const auto route = std::find_if(table.begin(), table.end(), [&](const Route& candidate) {
    return takes(candidate, request.path) && takes_method(candidate, request.method);
  });
  if (route == table.end()) return without_route(request);

  if (route->realm == Realm::clients && gate_.is_draining()) {
    http::Reply reply = http::error_reply(proxy::shutdown_error());
    reply.close = true;
    return reply;
  }
  std::optional<http::Refusal> refusal;
  if (route->realm == Realm::clients) {
    refusal = http::may_call_v1(request, serving.access, {});
  } else if (route->realm == Realm::local) {
    refusal = http::check_host_rule(request, serving.access);
    if (!refusal && !http::is_from_loopback(request, serving.access))
      refusal = http::Refusal{401, "invalid_api_key", "only programs on this machine may see this"};
  }
  if (!refusal) return (this->*route->handler)(request, serving);
  console_.show_refused(request.method, request.path, refusal->status, refusal->message);
  return http::error_reply(*refusal);
}

http::Reply Dispatcher::without_route(const http::Request& request) const {
  std::string allowed;
  for (const Route& route : routes())
    if (takes(route, request.path))
      allowed +=
          (allowed.empty() ? "" : ", ") + std::string(route.method) + (route.method == "GET" ? ", HEAD" : "");
  if (!allowed.empty()) {
    http::Reply reply = http::error_reply(
        405,
        fmt::format("{} is not allowed here; {} is", airouter::text::printable(request.method), allowed));
    reply.headers.push_back({"allow", allowed});
    return reply;
  }
  const bool is_known = std::any_of(not_supported_yet.begin(), not_supported_yet.end(),
                                    [&](std::string_view known) { return is_at(request.path, known); });
  return http::error_reply(
      404, fmt::format("{} ({} {})", is_known ? "This endpoint is not supported yet" : "Invalid URL",
                       airouter::text::printable(request.method),
                       airouter::text::shortened(airouter::text::printable(request.path), 200)));
}

http::Reply Dispatcher::service(http::Request& /*request*/, const Serving& /*serving*/) const {
  return admin::show_service();
}

http::Reply Dispatcher::health(http::Request& /*request*/, const Serving& serving) const {
  return admin::show_health(router_, serving.routing, gate_.is_draining());
}

http::Reply Dispatcher::stats(http::Request& /*request*/, const Serving& serving) const {
  return admin::show_stats(router_, serving.routing, statistics_);
}

http::Reply Dispatcher::chat(http::Request& request, const Serving& serving) const {
  const auto on_refused = [&](const airouter::Error& error) {
    console_.show_refused(request.method, request.path, airouter::http_status_of(error), error.message);
  };
  return proxy::ChatRoute(router_, gate_, serving.chat, on_refused).handle(request);
}

http::Reply Dispatcher::models(http::Request& /*request*/, const Serving& /*serving*/) const {
  return proxy::list_models(router_);
}

http::Reply Dispatcher::model(http::Request& request, const Serving& /*serving*/) const {
  return proxy::show_model(router_, std::string_view(request.path).substr(model_path.size()));
}

}  // namespace airouterd
