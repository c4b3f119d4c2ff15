#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string_view>

#include "console.h"
#include "http/error_reply.h"
#include "http/message.h"
#include "routes.h"
#include "serving.h"

namespace airouterd {

// Finds the route of a request, decides whether the client may take it, and calls it. Thread-safe. What it
// refers to must outlive it.
class Dispatcher {
 public:
  Dispatcher(Parts parts, Console& console) : parts_(parts), console_(console) {}

  // Whether a request must be answered when there is room for no other: it tells how the server is.
  static bool is_reserved(std::string_view method, std::string_view path) noexcept;

  void set_serving(std::shared_ptr<const Serving> serving);
  http::Reply handle(http::Request& request) const;

 private:
  std::shared_ptr<const Serving> serving() const;
  http::Reply dispatch(http::Request& request, const Serving& serving) const;
  std::optional<http::Refusal> refusal_of(const Route& route, const http::Request& request,
                                          const Serving& serving) const;
  http::Reply without_route(const http::Request& request) const;

  // Own synchronization.
  const Parts parts_;
  Console& console_;

  mutable std::mutex mutex_;
  std::shared_ptr<const Serving> serving_{};  // guarded by mutex_
};

}  // namespace airouterd
