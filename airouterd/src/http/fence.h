#pragma once

#include <functional>
#include <memory>

#include "http/exchange.h"
#include "http/listener.h"

namespace airouterd::http {

// cpp-httplib behind a fence, and the only code that includes it. The library decodes bodies and frames
// replies; but it reads from and writes to an Exchange, never a socket, and sees no byte of a request's head.
class Fence {
 public:
  // Given an accepted socket, on any thread; owns it from then on.
  using Serve = std::function<void(int socket_fd)>;

  // Runs the work on a thread of its own, or says that there is no room.
  using Start = std::function<bool(const std::function<void()>& work)>;

  struct Parts {
    Serve serve{};
    Serve refuse{};  // when `start` says no; on the accepting thread, so it must not wait for the client
    Start start{};
    Handler handler{};
  };

  explicit Fence(Parts parts);
  ~Fence();
  Fence(const Fence&) = delete;
  Fence& operator=(const Fence&) = delete;

  // Whether the library that is linked has the types that this code was compiled with.
  bool fits_library();

  // Accepts until `listener` is woken and `is_closing` says so; errors of the system only make it pause.
  void accept_connections(const Listener& listener, const std::function<bool()>& is_closing);

  // Has the library answer one request. False: the reply is not whole. Thread-safe.
  bool process(Exchange& exchange);

 private:
  class Library;
  std::unique_ptr<Library> library_;
};

}  // namespace airouterd::http
