#include "http/server.h"

#include <atomic>
#include <utility>

#include "http/connection.h"
#include "http/fence.h"
#include "http/listener.h"
#include "http/reply_text.h"
#include "http/worker_pool.h"

namespace airouterd::http {
namespace {

// Connections beyond the maximum that are told so in peace; those beyond these are told on the accepting
// thread.
constexpr std::size_t refusing_threads = 16;

}  // namespace

// Thread-safe. Owns everything of a server; parts are destroyed after the last connection has ended.
class Server::Implementation {
 public:
  explicit Implementation(ServerOptions options)
      : options_(std::move(options)),
        connections_(options_.max_connections),
        pool_(options_.max_connections + refusing_threads) {
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
    fence_.accept_connections(listener_,
                              [this] { return connections_.is_closing() || !listener_.is_open(); });
    pool_.join();
  }

  void close_listener() noexcept {
    connections_.close_idle();
    listener_.wake();
  }

  void stop() noexcept {
    connections_.stop();
    listener_.wake();
  }

  std::size_t connections() const noexcept { return connections_.size(); }

 private:
  Fence::Parts parts() {
    return {
        [this](int socket_fd) { serve(socket_fd); },
        [this](int socket_fd) { refuse(socket_fd); },
        [this](const std::function<void()>& work) { return pool_.run(work); },
        [this](Request& request) { return handler_(request); },
    };
  }

  void serve(int socket_fd) noexcept {
    try {
      Connection(socket_fd, context_).serve();
    } catch (...) {  // memory ran out before there was a connection
    }
  }

  void refuse(int socket_fd) noexcept {
    const Socket socket(socket_fd);
    try {
      auto reply =
          error_reply(503, "The server has no thread left for this connection; try again in a moment.",
                      "too_many_connections");
      reply.headers.emplace_back("retry-after", "1");
      reply.headers.emplace_back("x-request-id", ids_.next());
      socket.try_send(closing_reply_text(reply));
    } catch (...) {  // closing it says enough
    }
  }

  const ServerOptions options_;  // constant after construction
  Handler handler_{};            // set before the first connection

  // own synchronization
  RequestIds ids_{};
  ConnectionSet connections_;
  ConnectionContext context_{options_, connections_, ids_, {}};
  Listener listener_{};
  Fence fence_{parts()};
  WorkerPool pool_;
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

void Server::stop() noexcept {
  implementation_->stop();
}

std::size_t Server::connections() const noexcept {
  return implementation_->connections();
}

}  // namespace airouterd::http
