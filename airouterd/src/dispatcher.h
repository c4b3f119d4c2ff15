#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string_view>

#include "admin/door.h"
#include "console.h"
#include "http/error_reply.h"
#include "http/message.h"
#include "http/server.h"
#include "routes.h"
#include "serving.h"

namespace airouterd {

// Finds the route of a request, decides whether the client may take it, and calls it. Thread-safe. What it
// refers to must outlive it.
class Dispatcher {
 public:
  Dispatcher(Parts parts, admin::Door& door, store::ClientKeys& keys, Console& console)
      : parts_(parts), door_(door), keys_(keys), console_(console) {}

  // Whether a request is answered when there is room for no other: one that tells how the server is, or one
  // of the administrator that is done soon. Decides nothing else: `handle` has every other say.
  http::Reserve reserve_of(const http::Head& head) const;

  void set_serving(std::shared_ptr<const Serving> serving);
  http::Reply handle(http::Request& request) const;

 private:
  std::shared_ptr<const Serving> serving() const;
  http::Reply dispatch(http::Request& request, const Serving& serving) const;
  http::Reply serve_client(const Route& route, http::Request& request, std::string_view name,
                           const Serving& serving) const;
  http::Reply call(const Route& route, http::Request& request, std::string_view name, const Serving& serving,
                   const store::ClientKey* key) const;
  std::optional<http::Reply> refuse(const Route& route, http::Request& request, const Serving& serving) const;

  struct Refused {
    int status = 0;
    std::string_view reason{};
    const store::ClientKey* key = nullptr;
    bool is_counted = false;  // it was a request of a client, not of an administrator
  };
  void show_refused(const http::Request& request, const Serving& serving, const Refused& refused) const;

  // Own synchronization.
  const Parts parts_;
  admin::Door& door_;
  store::ClientKeys& keys_;
  Console& console_;

  mutable std::mutex mutex_;
  std::shared_ptr<const Serving> serving_{};  // guarded by mutex_
};

}  // namespace airouterd
