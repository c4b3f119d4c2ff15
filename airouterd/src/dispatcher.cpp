#include "dispatcher.h"

#include <algorithm>
#include <array>
#include <string>

#include <fmt/format.h>

#include "base/text.h"
#include "http/cors.h"
#include "http/error_reply.h"

namespace airouterd {
namespace {

// Endpoints of OpenAI's API that are known, but not offered: clients deserve to be told apart from a typing
// error.
constexpr std::array<std::string_view, 11> not_supported_yet{
    "/v1/completions", "/v1/embeddings",  "/v1/responses", "/v1/images",
    "/v1/audio",       "/v1/moderations", "/v1/files",     "/v1/batches",
    "/v1/fine_tuning", "/v1/assistants",  "/v1/realtime"};

bool is_at(std::string_view path, std::string_view prefix) {
  return path.starts_with(prefix) && (path.size() == prefix.size() || path[prefix.size()] == '/');
}

}  // namespace

bool Dispatcher::is_reserved(std::string_view method, std::string_view path) noexcept {
  const auto table = routes();
  std::string_view name;
  return std::any_of(table.begin(), table.end(), [&](const Route& route) {
    return (route.realm == Realm::everyone || route.realm == Realm::local) && takes_path(route, path, name) &&
           takes_method(route, method);
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
  std::string_view name;
  const auto route = std::find_if(table.begin(), table.end(), [&](const Route& candidate) {
    return takes_method(candidate, request.method) && takes_path(candidate, request.path, name);
  });
  if (route == table.end()) return without_route(request);

  if (route->realm == Realm::clients && parts_.gate.is_draining()) {
    http::Reply reply = http::error_reply(proxy::shutdown_error());
    reply.close = true;
    return reply;
  }
  const auto show_refused = [&](int status, std::string_view why) {
    console_.show_refused(request.method, request.path, status, why);
  };
  if (const auto refusal = refusal_of(*route, request, serving)) {
    show_refused(refusal->status, refusal->message);
    return http::error_reply(*refusal);
  }
  const proxy::ChatRoute::OnRefused on_refused = [&](const airouter::Error& error) {
    show_refused(airouter::http_status_of(error), error.message);
  };
  RoutedRequest routed{request, name, serving, on_refused};
  return route->handler(parts_, routed);
}

std::optional<http::Refusal> Dispatcher::refusal_of(const Route& route, const http::Request& request,
                                                    const Serving& serving) const {
  switch (route.realm) {
    case Realm::everyone:
      return std::nullopt;
    case Realm::clients:
      return http::may_call_v1(request, serving.access, {});
    case Realm::local:
    case Realm::admin:
      break;
  }
  if (auto refusal = http::check_host_rule(request, serving.access)) return refusal;
  if (http::is_from_loopback(request, serving.access)) return std::nullopt;
  return http::Refusal{401, "invalid_api_key", "only programs on this machine may see this"};
}

http::Reply Dispatcher::without_route(const http::Request& request) const {
  std::string allowed;
  std::string_view name;
  for (const Route& route : routes())
    if (takes_path(route, request.path, name))
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

}  // namespace airouterd
