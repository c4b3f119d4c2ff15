#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include <airouter/result.h>

#include "base/byte_budget.h"
#include "base/limits.h"
#include "http/head_parser.h"
#include "http/message.h"

namespace airouterd::http {

// What a request may use when there is room for no other. Each of both is for itself: neither can be kept
// from its place by the other.
enum class Reserve {
  none,           // it is refused
  everyone,       // for what tells how the server is
  administrator,  // for who can mend what it is
};

struct ServerOptions {
  std::string host =
      "127.0.0.1";  // an IPv4 or IPv6 literal, "localhost" (127.0.0.1), or a name of this machine
  int port = 8000;  // 0: any that is free

  // Connections beyond are answered 503 and closed. Each takes a thread.
  std::size_t max_connections = 4096;

  // Which requests are answered even so. What it lets pass must cost little and end soon; its body, if it has
  // one, is waited for. Called on any thread; null: none is.
  std::function<Reserve(const Head&)> reserve_of{};

  std::chrono::milliseconds head_timeout{
      10'000};  // for a request's whole head, and for the first byte of a connection

  // A body may be slow or stand still for the grace, then must come at this rate; 0: only the grace counts.
  std::chrono::milliseconds body_grace{30'000};
  std::uint64_t body_bytes_per_second_min = 1024;

  // And all of it must be there after this time: what has come is held meanwhile.
  std::chrono::milliseconds body_total{300'000};

  // The grace and the rate for each write, so that a client that reads nothing is cut after this time.
  std::chrono::milliseconds write_timeout{30'000};

  // How long a connection may wait for its next request; the second one while more than half of the
  // connections are taken.
  std::chrono::milliseconds keep_alive_idle{75'000};
  std::chrono::milliseconds keep_alive_idle_when_busy{5'000};

  // After a reply to a request that was not read to its end.
  std::chrono::milliseconds linger{1'000};
  std::size_t linger_bytes_max = 256 * airouter::limits::kibibyte;

  // For the bodies that are held; those below /api have one of their own, so that whoever fills the other one
  // cannot keep the administrator out. Borrowed, must outlive the server; null: no bound.
  airouter::ByteBudget *body_budget = nullptr, *api_body_budget = nullptr;
};

// The HTTP server: strict about what it takes in, one thread per connection, cpp-httplib within. Thread-safe;
// `run` is called once. Destroying it while `run` is going on is not allowed: stop it and let `run` return.
class Server {
 public:
  explicit Server(ServerOptions options);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Takes the port and returns it. Errors: invalid_config, naming what stands in the way.
  airouter::Result<int> bind();

  // Serves until `close_listener` or `stop`, and returns when the last connection has ended. `handler` is
  // called on the connections' threads, several at once; what it throws becomes a reply of status 500.
  void run(Handler handler);

  // Takes no new connection, ends the idle ones and each other one after its reply. Never blocks.
  void close_listener() noexcept;

  // Fires the interrupts of all requests, now and later, whose replies can still be sent. Never blocks.
  void interrupt() noexcept;

  // Closes the listener and ends every connection at once: interrupts fire, writes fail. Never blocks for
  // long.
  void stop() noexcept;

  // Those that are open now, idle ones included.
  std::size_t connections() const noexcept;

 private:
  class Implementation;
  std::unique_ptr<Implementation> implementation_;  // own synchronization
};

}  // namespace airouterd::http
