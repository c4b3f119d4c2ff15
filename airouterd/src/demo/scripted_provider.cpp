#include "demo/scripted_provider.h"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <cerrno>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <system_error>
#include <unistd.h>
#include <utility>

#include "base/limits.h"
#include "demo/stoppable_socket.h"

namespace airouterd::demo {
namespace {

// What is kept of requests for those who ask later; a demonstration may run for days.
constexpr std::size_t requests_kept_max = 4096;
constexpr std::size_t body_bytes_kept_max = 64 * airouter::limits::mebibyte;

constexpr int backlog = 1024;

[[noreturn]] void fail(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

int listen_on_loopback() {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) fail("socket");
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      ::listen(fd, backlog) != 0) {
    ::close(fd);
    fail("bind or listen");
  }
  return fd;
}

int port_of(int fd) {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
  return ntohs(address.sin_port);
}

Behaviour one_after_the_other(std::vector<Script> scripts) {
  if (scripts.empty()) scripts.emplace_back();
  return {.on_request = [scripts = std::move(scripts)](const ReceivedRequest&, int nth) {
    return scripts[std::min(scripts.size(), static_cast<std::size_t>(nth)) - 1];
  }};
}

}  // namespace

ScriptedProvider::ScriptedProvider(Behaviour behaviour)
    : behaviour_(std::move(behaviour)), listen_fd_(listen_on_loopback()), port_(port_of(listen_fd_)) {
  stop_fd_ = ::eventfd(0, EFD_CLOEXEC);
  if (stop_fd_ < 0) {
    ::close(listen_fd_);
    fail("eventfd");
  }
  accepting_ = std::thread([this] { accept_connections(); });
}

ScriptedProvider::ScriptedProvider(std::function<Script(const ReceivedRequest&, int nth_request)> on_request)
    : ScriptedProvider(Behaviour{.on_request = std::move(on_request)}) {}

ScriptedProvider::ScriptedProvider(Script script)
    : ScriptedProvider(one_after_the_other({std::move(script)})) {}

ScriptedProvider::ScriptedProvider(std::vector<Script> scripts)
    : ScriptedProvider(one_after_the_other(std::move(scripts))) {}

ScriptedProvider::~ScriptedProvider() {
  // Never read, so that it wakes every thread.
  ::eventfd_write(stop_fd_, 1);
  accepting_.join();
  reap(true);
  ::close(listen_fd_);
  ::close(stop_fd_);
}

std::string ScriptedProvider::base_url() const {
  return "http://127.0.0.1:" + std::to_string(port_) + "/v1";
}

std::vector<ReceivedRequest> ScriptedProvider::requests() const {
  const std::lock_guard lock(mutex_);
  return {requests_.begin(), requests_.end()};
}

int ScriptedProvider::request_count() const {
  const std::lock_guard lock(mutex_);
  return request_count_;
}

int ScriptedProvider::connection_count() const {
  const std::lock_guard lock(mutex_);
  return connection_count_;
}

int ScriptedProvider::open_connections() const {
  const std::lock_guard lock(mutex_);
  return open_connections_;
}

std::chrono::steady_clock::time_point ScriptedProvider::last_peer_close() const {
  const std::lock_guard lock(mutex_);
  return last_peer_close_;
}

bool ScriptedProvider::wait_for(const std::function<bool()>& predicate,
                                std::chrono::milliseconds timeout) const {
  const auto until = std::chrono::steady_clock::now() + timeout;
  for (;;) {
    std::uint64_t seen = 0;
    {
      const std::lock_guard lock(mutex_);
      seen = changes_;
    }
    if (predicate()) return true;
    std::unique_lock lock(mutex_);
    if (!changed_.wait_until(lock, until, [&] { return changes_ != seen; })) return false;
  }
}

void ScriptedProvider::accept_connections() {
  for (;;) {
    std::array<pollfd, 2> fds{{{listen_fd_, POLLIN, 0}, {stop_fd_, POLLIN, 0}}};
    if (::poll(fds.data(), fds.size(), -1) < 0) continue;
    if (fds[1].revents != 0) return;
    const int fd = ::accept4(listen_fd_, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd >= 0) {
      start(fd);
    } else if (errno == EMFILE || errno == ENFILE) {
      // Without descriptors the pending connection keeps the poll above ready.
      ::poll(&fds[1], 1, 10);
    }
    reap(false);
  }
}

void ScriptedProvider::start(int socket_fd) {
  const int on = 1;
  ::setsockopt(socket_fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  const std::lock_guard lock(mutex_);
  Connection& connection = connections_.emplace_back();
  try {
    connection.thread = std::thread([this, socket_fd, nth = connection_count_ + 1, &connection] {
      serve(socket_fd, nth);
      const std::lock_guard finishing(mutex_);
      connection.finished = true;
    });
    ++connection_count_;
    ++open_connections_;
  } catch (const std::system_error&) {
    connections_.pop_back();
    ::close(socket_fd);
  }
  ++changes_;
  changed_.notify_all();
}

void ScriptedProvider::reap(bool all) {
  std::list<Connection> over;
  {
    const std::lock_guard lock(mutex_);
    for (auto i = connections_.begin(); i != connections_.end();) {
      const auto next = std::next(i);
      if (all || i->finished) over.splice(over.end(), connections_, i);
      i = next;
    }
  }
  for (Connection& connection : over)
    connection.thread.join();
}

void ScriptedProvider::serve(int socket_fd, int nth_connection) {
  StoppableSocket socket(socket_fd, stop_fd_);
  const ScriptEnd end = converse(socket, nth_connection);
  const auto now = std::chrono::steady_clock::now();
  socket.close();
  const std::lock_guard lock(mutex_);
  --open_connections_;
  if (end == ScriptEnd::peer_left) last_peer_close_ = now;
  ++changes_;
  changed_.notify_all();
}

ScriptEnd ScriptedProvider::converse(StoppableSocket& socket, int nth_connection) {
  ScriptEnd end = ScriptEnd::done;
  if (behaviour_.on_connection) end = run(behaviour_.on_connection(nth_connection), socket, bytes_sent_);
  std::string buffer;
  while (end == ScriptEnd::done) {
    ReceivedRequest request;
    request.connection = nth_connection;
    if (!read_request(socket, buffer, behaviour_.read_bodies, request)) return ScriptEnd::peer_left;
    const int nth_request = record(request);
    if (behaviour_.on_request) end = run(behaviour_.on_request(request, nth_request), socket, bytes_sent_);
    if (!behaviour_.read_bodies) break;
  }
  return end;
}

int ScriptedProvider::record(const ReceivedRequest& request) {
  const std::lock_guard lock(mutex_);
  requests_.push_back(request);
  body_bytes_kept_ += request.body.size();
  while (requests_.size() > requests_kept_max ||
         (body_bytes_kept_ > body_bytes_kept_max && requests_.size() > 1)) {
    body_bytes_kept_ -= requests_.front().body.size();
    requests_.pop_front();
  }
  ++changes_;
  changed_.notify_all();
  return ++request_count_;
}

}  // namespace airouterd::demo
