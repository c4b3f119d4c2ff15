#include "admin/login_routes.h"

#include "admin/body.h"
#include "admin/door.h"

namespace airouterd::admin {
namespace {

// Whoever sends it has not shown anything yet.
constexpr std::size_t body_bytes_max = 4096;

}  // namespace

http::Reply log_in(const Context& context, Request& request) {
  http::Reply refusal;
  auto body = Body::read(request, refusal, body_bytes_max);
  if (!body) return refusal;
  const auto password = body->text("password");
  body->require("password");
  body->refuse_others();
  if (!body->is_fine()) return body->refusal(request);
  return context.door.login(request, *password);
}

}  // namespace airouterd::admin
