#include "dispatcher.h"

#include <algorithm>
#include <array>
#include <string>

#include <fmt/format.h>

#include "admin/replies.h"
#include "admin/request.h"
#include "base/limits.h"
#include "base/text.h"
#include "client_admission.h"
#include "http/cors.h"
#include "http/error_reply.h"
#include "http/normalise_path.h"

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

bool is_api_path(std::string_view path) {
  return is_at(path, "/api");
}

// Of requests that are answered when there is room for no other. Edits of a config by hand stay below.
constexpr std::uint64_t reserved_body_bytes_max = 64 * airouter::limits::kibibyte;

// Null: there is none. `name` is what its parameter stands for.
const Route* route_of(std::string_view method, std::string_view path, std::string_view& name) {
  const auto table = routes();
  const auto route = std::find_if(table.begin(), table.end(), [&](const Route& candidate) {
    return takes_method(candidate, method) && takes_path(candidate, path, name);
  });
  return route == table.end() ? nullptr : &*route;
}

// In the shape of the realm that the path belongs to.
http::Reply not_allowed(const admin::Request& call, const std::string& allowed) {
  const http::Request& request = call.http();
  const std::string method = airouter::text::printable(request.method);
  http::Reply reply =
      is_api_path(request.path)
          ? admin::problem(call, 405, "method_not_allowed",
                           {fmt::format("{} is not allowed here; {} is", method, allowed),
                            fmt::format("此处不允许 {}；允许 {}", method, allowed)})
          : http::error_reply(405, fmt::format("{} is not allowed here; {} is", method, allowed));
  reply.headers.push_back({"allow", allowed});
  return reply;
}

http::Reply not_found(const admin::Request& call) {
  const http::Request& request = call.http();
  const std::string method = airouter::text::printable(request.method);
  const std::string path = airouter::text::shortened(airouter::text::printable(request.path), 200);
  if (is_api_path(request.path)) {
    return admin::problem(
        call, 404, "not_found",
        {fmt::format("there is no {} {}", method, path), fmt::format("没有 {} {}", method, path)});
  }
  const bool is_known = std::any_of(not_supported_yet.begin(), not_supported_yet.end(),
                                    [&](std::string_view known) { return is_at(request.path, known); });
  return http::error_reply(
      404, fmt::format("{} ({} {})", is_known ? "This endpoint is not supported yet" : "Invalid URL", method,
                       path));
}

http::Reply without_route(const admin::Request& call) {
  std::string allowed;
  std::string_view name;
  for (const Route& route : routes())
    if (takes_path(route, call.http().path, name))
      allowed +=
          (allowed.empty() ? "" : ", ") + std::string(route.method) + (route.method == "GET" ? ", HEAD" : "");
  return allowed.empty() ? not_found(call) : not_allowed(call, allowed);
}

}  // namespace

http::Reserve Dispatcher::reserve_of(const http::Head& head) const {
  using http::BodyFraming;
  using http::Reserve;
  const std::string path =
      http::normalise_path(std::string_view(head.target).substr(0, head.target.find('?')));
  std::string_view name;
  const Route* const route = route_of(head.method, path, name);
  if (route == nullptr) return Reserve::none;
  if (route->load == Load::tiny) return head.framing == BodyFraming::none ? Reserve::everyone : Reserve::none;
  const bool is_small = head.framing == BodyFraming::none ||
                        (head.framing == BodyFraming::length && head.body_bytes <= reserved_body_bytes_max);
  if (route->realm != Realm::admin || route->load == Load::lasting || !is_small) return Reserve::none;
  return door_.knows(head.headers) ? Reserve::administrator : Reserve::none;
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
  std::string_view name;
  const Route* const route = route_of(request.method, request.path, name);
  if (route == nullptr) return without_route({request, {}, serving.routing});

  if (route->realm == Realm::clients && parts_.gate.is_draining()) {
    http::Reply reply = http::error_reply(proxy::shutdown_error());
    reply.close = true;
    return reply;
  }
  if (route->realm == Realm::clients) return serve_client(*route, request, name, serving);
  if (auto refused = refuse(*route, request, serving)) return *std::move(refused);
  return call(*route, request, name, serving, nullptr);
}

http::Reply Dispatcher::serve_client(const Route& route, http::Request& request, std::string_view name,
                                     const Serving& serving) const {
  Admission admission = admit_client(request, serving.access, keys_);
  if (admission.refusal)
    show_refused(request, serving,
                 {admission.refusal->status, admission.refusal->message, admission.key, true});
  http::Reply reply = admission.refusal ? http::error_reply(*admission.refusal)
                                        : call(route, request, name, serving, admission.key);
  std::move(admission.headers.begin(), admission.headers.end(), std::back_inserter(reply.headers));
  return reply;
}

http::Reply Dispatcher::call(const Route& route, http::Request& request, std::string_view name,
                             const Serving& serving, const store::ClientKey* key) const {
  const proxy::ChatRoute::OnRefused on_refused = [&](const airouter::Error& error) {
    show_refused(request, serving,
                 {airouter::http_status_of(error), error.message, key, route.realm == Realm::clients});
  };
  RoutedRequest routed{request, name, serving, on_refused, key};
  return route.handler(parts_, routed);
}

std::optional<http::Reply> Dispatcher::refuse(const Route& route, http::Request& request,
                                              const Serving& serving) const {
  if (route.realm == Realm::everyone) return std::nullopt;
  const admin::Request call(request, {}, serving.routing);
  auto refused = route.realm == Realm::admin   ? door_.refuse(call)
                 : route.realm == Realm::local ? door_.refuse_stranger(call, has_client_key(request, keys_))
                                               : door_.refuse_page(call);
  if (refused)
    show_refused(request, serving, {refused->status, "not let in to administration", nullptr, false});
  return refused;
}

void Dispatcher::show_refused(const http::Request& request, const Serving& serving,
                              const Refused& refused) const {
  const bool is_told =
      parts_.admin.log.on_refused({.request_id = request.request_id,
                                   .method = request.method,
                                   .path = request.path,
                                   .client_ip = std::string(http::client_address(request, serving.access)),
                                   .key_id = refused.key == nullptr ? std::string() : refused.key->id(),
                                   .status = refused.status,
                                   .reason = std::string(refused.reason),
                                   .is_counted = refused.is_counted});
  if (is_told) console_.show_refused(request.method, request.path, refused.status, refused.reason);
}

}  // namespace airouterd
