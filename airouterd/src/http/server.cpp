#include "http/server.h"

#include <atomic>
#include <utility>

#include "http/connection.h"
#include "http/cors.h"
#include "http/fence.h"
#include "http/listener.h"
#include "http/refusal_lane.h"
#include "http/reply_text.h"
#include "http/worker_pool.h"

namespace airouterd::http {
namespace {

// For requests of each reserve while all connections are taken.
constexpr std::size_t reserved_threads = 4;

// A thread is free again a moment after its connection has ended.
constexpr std::size_t changing_threads = 16;

}  // namespace

// Thread-safe. Owns everything of a server; parts are destroyed after the last connection has ended.
class Server::Implementation {
 public:
  explicit Implementation(ServerOptions options)
      : options_(std::move(options)),
        connections_(options_.max_connections),
        pool_(options_.max_connections + changing_threads) {
    context_.process = [this](Exchange& exchange) { return fence_.process(exchange); };
  }

  airouter::Result<int> bind() {
    if (!fence_.fits_library()) {
      airouter::Error error;
      error.code = airouter::ErrorCode::invalid_config;
      error.message =
          "the cpp-httplib library that is installed is not the one that airouterd was built with";
      return error;
    }
    return listener_.open(options_.host, options_.port);
  }

  void run(Handler handler) {
    handler_ = std::move(handler);
    lane_.start();
    fence_.accept_connections(listener_,
                              [this] { return connections_.is_closing() || !listener_.is_open(); });
    lane_.stop();
    reserved_pool_.join();
    administrator_pool_.join();
    pool_.join();
  }

  void close_listener() noexcept {
    connections_.close_idle();
    listener_.wake();
  }

  void interrupt() noexcept { connections_.interrupt(); }

  void stop() noexcept {
    connections_.stop();
    listener_.wake();
  }

  std::size_t connections() const noexcept { return connections_.size(); }

 private:
  Fence::Parts parts() {
    return {
        [this](int socket_fd) { serve(socket_fd); },
        [this](int socket_fd) { lane_.take(socket_fd); },
        [this](const std::function<void()>& work) { return start(work); },
        [this](Request& request) { return handler_(request); },
    };
  }

  RefusalLane::Parts lane_parts() {
    return {
        [this](const Head& head) { return pool_of(head); },
        [this](WorkerPool& pool, int socket_fd, std::string input) {
          return pool.run([this, socket_fd, input = std::move(input)] { serve_reserved(socket_fd, input); });
        },
        [this](const std::string& path) { return refusal(path); },
    };
  }

  bool start(const std::function<void()>& work) {
    if (!connections_.try_reserve()) return false;
    bool is_started = false;
    try {
      is_started = pool_.run(work);
    } catch (...) {  // memory ran out
    }
    if (!is_started) connections_.give_back();
    return is_started;
  }

  void serve(int socket_fd) noexcept {
    try {
      Connection(socket_fd, context_).serve();
    } catch (...) {  // memory ran out before there was a connection
      connections_.give_back();
    }
  }

  void serve_reserved(int socket_fd, std::string_view input) noexcept {
    try {
      Connection(socket_fd, context_, input).serve();
    } catch (...) {  // memory ran out before there was a connection
    }
  }

  WorkerPool* pool_of(const Head& head) {
    switch (options_.reserve_of ? options_.reserve_of(head) : Reserve::none) {
      case Reserve::everyone:
        return &reserved_pool_;
      case Reserve::administrator:
        return &administrator_pool_;
      case Reserve::none:
        break;
    }
    return nullptr;
  }

  std::string refusal(const std::string& path) {
    auto reply = error_reply(
        {503, "too_many_connections", "The server has no room for this connection; try again in a moment."},
        path);
    reply.headers.emplace_back("retry-after", "1");
    reply.headers.emplace_back("x-request-id", ids_.next());
    if (is_cors_path(path)) add_cors_headers(reply);
    return closing_reply_text(reply);
  }

  const ServerOptions options_;  // constant after construction
  Handler handler_{};            // set before the first connection

  // own synchronization
  RequestIds ids_{};
  ConnectionSet connections_;
  ConnectionContext context_{options_, connections_, ids_, {}};
  Listener listener_{};
  Fence fence_{parts()};
  WorkerPool pool_, reserved_pool_{reserved_threads}, administrator_pool_{reserved_threads};
  RefusalLane lane_{options_, lane_parts()};
};

Server::Server(ServerOptions options)
    : implementation_(std::make_unique<Implementation>(std::move(options))) {}

Server::~Server() {
  stop();
}

airouter::Result<int> Server::bind() {
  return implementation_->bind();
}

void Server::run(Handler handler) {
  implementation_->run(std::move(handler));
}

void Server::close_listener() noexcept {
  implementation_->close_listener();
}

void Server::interrupt() noexcept {
  implementation_->interrupt();
}

void Server::stop() noexcept {
  implementation_->stop();
}

std::size_t Server::connections() const noexcept {
  return implementation_->connections();
}

}  // namespace airouterd::http
