#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <airouter/clock.h>
#include <airouter/export.h>

namespace airouter {

// HTTP header fields in order. Names are case-insensitive; values are bytes without CR, LF or NUL.
using Headers = std::vector<std::pair<std::string, std::string>>;

// The first value of `name`, or empty.
AIROUTER_EXPORT std::string_view find_header(const Headers& headers, std::string_view name) noexcept;

struct HttpRequest {
  std::string method = "POST";
  std::string url{};
  Headers headers{};
  std::string_view body{};  // borrowed: stays until the exchange has said Event::end, or is gone
  std::chrono::milliseconds connect_timeout{};  // name lookup, TCP and TLS together
  std::string proxy{};                          // as in Provider::proxy
};

struct HttpHead {
  int status = 0;
  Headers headers{};
};

// How a transfer ended. `none`: the answer arrived whole.
enum class TransferFailure {
  none,
  resolve,          // the host's name could not be resolved
  connect,          // refused, unreachable, or an address that is never dialled
  tls,              // handshake or certificate
  connect_timeout,  // connect_timeout passed before the connection stood
  reset,            // the connection died, or ended before a whole head
  short_body,       // the body ended before its announced end
  too_large,        // a limit on the head was passed
  malformed,        // the answer is not HTTP
  no_resources,     // no descriptor, memory or thread was to be had here; says nothing about the server
};

// Makes a wait return early: from another thread (`trigger`), or when a peer hangs up (`watch_peer`).
// Made once per connection and reset per call: building one costs several system calls.
// Thread-safety: `trigger` and `triggered` from any thread, the others by the owner between waits.
class AIROUTER_EXPORT Interrupt {
 public:
  // Never fails: without file descriptors left, it degrades to a flag that waits notice only when they end.
  Interrupt() noexcept;
  ~Interrupt();
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;

  // Wakes every wait on this object, now and until `reset`.
  void trigger() noexcept;

  // Also fires once the peer of this connected socket has closed or half-closed. Unread bytes do not fire it.
  // The socket stays the caller's; a negative one stops watching.
  void watch_peer(int socket_fd) noexcept;

  // Forgets `trigger`. A peer that has hung up stays gone.
  void reset() noexcept;

  bool triggered() const noexcept;

  // Polls readable while triggered; -1 when there is none. Owned by this object.
  int wait_fd() const noexcept { return epoll_fd_; }

 private:
  std::atomic<bool> flag_{false};
  int epoll_fd_ = -1, event_fd_ = -1;  // constant after construction
  int peer_fd_ = -1;                   // used by the owner
};

// One HTTP exchange, pulled on the caller's thread. Used by one thread; destroying it aborts it.
class AIROUTER_EXPORT Exchange {
 public:
  enum class Event { head, body, end, timeout, interrupted };

  virtual ~Exchange() = default;

  // Blocks until something happened or `until` (of the steady clock) passed: `head` once, then any number of
  // `body`, then `end` for ever. `interrupt` may be null.
  virtual Event wait(TimePoint until, const Interrupt* interrupt) = 0;

  virtual const HttpHead& head() const = 0;   // after Event::head
  virtual std::string_view body() const = 0;  // the bytes of the last Event::body; valid until the next wait
  virtual TransferFailure failure() const = 0;  // after Event::end
};

// The seam to the network. Thread-safe.
class AIROUTER_EXPORT Transport {
 public:
  virtual ~Transport() = default;

  // Never null and never blocks; what goes wrong is told by the exchange.
  virtual std::unique_ptr<Exchange> open(const HttpRequest& request) = 0;
};

// libcurl: connections pooled per provider origin, one shared CA store, no redirects, http and https only.
// Needs the real clock.
AIROUTER_EXPORT std::shared_ptr<Transport> make_curl_transport();

}  // namespace airouter
