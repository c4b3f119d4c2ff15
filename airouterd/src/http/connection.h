#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>

#include <airouter/transport.h>

#include "http/head_parser.h"
#include "http/read_buffer.h"
#include "http/request_id.h"
#include "http/server.h"
#include "http/socket.h"

namespace airouterd::http {

class Connection;
class Exchange;

// All connections that are open. Thread-safe; outlives them.
class ConnectionSet {
 public:
  explicit ConnectionSet(std::size_t connections_max) noexcept : max_(connections_max) {}

  // A place for one connection that is yet to come. False: there are too many. It is given back when the
  // connection is removed, or by `give_back` if there never was one.
  bool try_reserve() noexcept;
  void give_back() noexcept { --admitted_; }

  void add(Connection& connection);
  void remove(Connection& connection, bool has_place) noexcept;

  std::size_t size() const noexcept { return admitted_.load(); }
  bool is_busy() const noexcept { return size() > max_ / 2; }

  // Whether connections end after the reply they are at.
  bool is_closing() const noexcept { return is_closing_.load(); }

  void close_idle() noexcept;
  void interrupt() noexcept;
  void stop() noexcept;

 private:
  const std::size_t max_;
  std::atomic<std::size_t> admitted_{0};  // own synchronization
  std::atomic<bool> is_closing_{false};   // own synchronization

  // guarded by mutex_
  std::mutex mutex_{};
  std::unordered_set<Connection*> all_{};
  bool is_interrupted_ = false, is_stopped_ = false;
};

// What all connections of a server share. Everything outlives them.
struct ConnectionContext {
  const ServerOptions& options;
  ConnectionSet& connections;
  RequestIds& ids;
  std::function<bool(Exchange&)>
      process{};  // has the library answer one request; false: the reply is not whole
};

// One client's connection: reads a head, has it answered, again and again, until one side has had enough.
// Used by one thread, but for `close_if_idle`, `interrupt_requests` and `stop`. Never throws: what goes wrong
// ends the connection.
class Connection {
 public:
  // One that has a place.
  Connection(int socket_fd, ConnectionContext& context);

  // One that has none, of which `input` has been read: it is for one request.
  Connection(int socket_fd, ConnectionContext& context, std::string_view input);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void serve() noexcept;

  // For the exchange at work.
  const ServerOptions& options() const noexcept { return context_.options; }
  bool is_closing() const noexcept { return !has_place_ || context_.connections.is_closing(); }
  const std::string& peer() const noexcept { return peer_; }
  Socket& socket() noexcept { return socket_; }
  ReadBuffer& input() noexcept { return input_; }
  Pace write_pace() const noexcept;
  airouter::Interrupt& interrupt();

  // From any thread.
  void close_if_idle() noexcept;
  void interrupt_requests() noexcept;
  void stop() noexcept;

 private:
  bool await_request(bool is_first);
  Socket::Wait receive_soon();
  HeadOutcome read_head();
  bool serve_one();
  void refuse(const Refusal& refusal);
  void linger() const noexcept;

  ConnectionContext& context_;
  Socket socket_;

  // used by one thread
  std::string peer_{};
  ReadBuffer input_{};
  airouter::TimePoint head_deadline_{};

  std::atomic<bool> is_idle_{false};  // own synchronization

  // guarded by mutex_
  std::mutex mutex_{};
  std::optional<airouter::Interrupt> interrupt_{};
  bool is_interrupted_ = false;

  const bool has_place_;  // constant after construction
};

}  // namespace airouterd::http
