#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <list>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "demo/received_request.h"
#include "demo/script.h"
#include "demo/script_runner.h"

namespace airouterd::demo {

// What a scripted provider does, where a script per request is not enough. The functions are called on the
// connections' threads, possibly on several at once.
struct Behaviour {
  // After a request; `nth_request` counts them over all connections, from 1.
  std::function<Script(const ReceivedRequest&, int nth_request)> on_request{};

  // Before anything is read; `nth_connection` counts from 1. Null: nothing.
  std::function<Script(int nth_connection)> on_connection{};

  // False: on_request comes as soon as the head is in, the body is never read, and the connection ends with
  // the script.
  bool read_bodies = true;
};

// An HTTP/1.1 provider on 127.0.0.1 that does what a script says, lies and breakage included: the upstream of
// the demonstration and of the tests. A thread accepts, each connection has its own. All functions are
// thread-safe. The destructor ends every script at once and joins. Keeps the latest requests only; counts are
// of all.
class ScriptedProvider {
 public:
  // Listens on a port the system picks. Throws std::system_error if there is none to have.
  explicit ScriptedProvider(Behaviour behaviour);
  explicit ScriptedProvider(std::function<Script(const ReceivedRequest&, int nth_request)> on_request);
  explicit ScriptedProvider(Script script);                // the same after every request
  explicit ScriptedProvider(std::vector<Script> scripts);  // one per request, the last one ever after
  ~ScriptedProvider();
  ScriptedProvider(const ScriptedProvider&) = delete;
  ScriptedProvider& operator=(const ScriptedProvider&) = delete;

  int port() const noexcept { return port_; }
  std::string base_url() const;  // "http://127.0.0.1:PORT/v1"

  std::vector<ReceivedRequest> requests() const;  // the latest ones, in order of arrival
  int request_count() const;
  int connection_count() const;  // accepted ever
  int open_connections() const;  // neither side has closed yet
  std::uint64_t bytes_sent() const noexcept { return bytes_sent_.load(std::memory_order_relaxed); }

  // When a peer was last seen to leave; the epoch if none ever was. Seen at once, except while a request is
  // read.
  std::chrono::steady_clock::time_point last_peer_close() const;

  // Waits until `predicate` holds, asking anew after each request, connection and close. False: it timed out.
  bool wait_for(const std::function<bool()>& predicate, std::chrono::milliseconds timeout) const;

 private:
  struct Connection {
    std::thread thread{};
    bool finished = false;
  };

  void accept_connections();
  void start(int socket_fd);
  void reap(bool all);
  void serve(int socket_fd, int nth_connection);
  ScriptEnd converse(StoppableSocket& socket, int nth_connection);
  int record(const ReceivedRequest& request);

  // Constant after construction.
  Behaviour behaviour_;
  int listen_fd_ = -1, stop_fd_ = -1, port_ = 0;
  std::thread accepting_{};

  // Own synchronization.
  std::atomic<std::uint64_t> bytes_sent_{0};

  // Guarded by mutex_.
  mutable std::mutex mutex_{};
  mutable std::condition_variable changed_{};
  std::uint64_t changes_ = 0;
  std::deque<ReceivedRequest> requests_{};
  std::size_t body_bytes_kept_ = 0;
  int request_count_ = 0, connection_count_ = 0, open_connections_ = 0;
  std::chrono::steady_clock::time_point last_peer_close_{};
  std::list<Connection> connections_{};
};

}  // namespace airouterd::demo
