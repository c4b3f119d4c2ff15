// A provider to measure with: one thread, one event loop, OpenAI's chat completions, plain and streamed, over
// plain text and TLS. Runs until SIGTERM or SIGINT.

#include <array>
#include <csignal>
#include <map>
#include <memory>
#include <queue>
#include <string>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <unistd.h>
#include <vector>

#include <CLI/CLI.hpp>

#include "socket.h"
#include "upstream_connection.h"

namespace bench {
namespace {

struct Options {
  int port = 0, tls_port = 0;
  std::string certificate_file{}, key_file{};
};

class Upstream {
 public:
  explicit Upstream(const Options& options);
  void run();

 private:
  enum Token : std::uint64_t { stop, timer, listener, tls_listener, first_connection };

  void accept_clients(const Fd& listening, SSL_CTX* context);
  void handle(std::uint64_t token);
  void settle(std::uint64_t token, bool is_open, bool was_streaming, bool waited);
  void send_due_events();
  void arm_timer() const;

  Poller poller_{};
  Fd stop_{}, timer_{}, listening_{}, tls_listening_{};
  std::unique_ptr<SSL_CTX, FreeTls> context_{};
  std::uint64_t next_token_ = first_connection;
  std::map<std::uint64_t, UpstreamConnection> connections_{};

  // When which connection sends its next event, the soonest on top. Connections may be gone by then.
  using Due = std::pair<std::int64_t, std::uint64_t>;
  std::priority_queue<Due, std::vector<Due>, std::greater<>> due_{};
  bool is_stopped_ = false;
};

Upstream::Upstream(const Options& options) {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  ::sigprocmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  stop_ = Fd(::signalfd(-1, &signals, SFD_CLOEXEC));
  poller_.add(stop_.get(), stop, EPOLLIN);
  timer_ = Fd(::timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK));
  poller_.add(timer_.get(), timer, EPOLLIN);
  listening_ = listen_on(options.port);
  poller_.add(listening_.get(), listener, EPOLLIN);
  if (options.tls_port == 0) return;
  context_.reset(SSL_CTX_new(TLS_server_method()));
  SSL_CTX_set_mode(context_.get(), SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  if (SSL_CTX_use_certificate_chain_file(context_.get(), options.certificate_file.c_str()) != 1 ||
      SSL_CTX_use_PrivateKey_file(context_.get(), options.key_file.c_str(), SSL_FILETYPE_PEM) != 1) {
    give_up("certificate or key not usable");
  }
  tls_listening_ = listen_on(options.tls_port);
  poller_.add(tls_listening_.get(), tls_listener, EPOLLIN);
}

void Upstream::run() {
  std::array<epoll_event, 256> events{};
  while (!is_stopped_) {
    const int count = ::epoll_wait(poller_.get(), events.data(), static_cast<int>(events.size()), -1);
    for (int i = 0; i < count; ++i)
      handle(events[static_cast<std::size_t>(i)].data.u64);
  }
}

void Upstream::handle(std::uint64_t token) {
  switch (token) {
    case stop:
      is_stopped_ = true;
      return;
    case timer: {
      std::uint64_t expirations = 0;
      if (::read(timer_.get(), &expirations, sizeof expirations) > 0) send_due_events();
      return;
    }
    case listener:
      return accept_clients(listening_, nullptr);
    case tls_listener:
      return accept_clients(tls_listening_, context_.get());
    default:
      break;
  }
  const auto found = connections_.find(token);
  if (found == connections_.end()) return;
  UpstreamConnection& connection = found->second;
  const bool was_streaming = connection.is_streaming(), waited = connection.waits_to_write();
  settle(token, connection.go_on(), was_streaming, waited);
}

void Upstream::accept_clients(const Fd& listening, SSL_CTX* context) {
  for (;;) {
    Fd fd = accept_from(listening.get());
    if (!fd.is_open()) return;
    const std::uint64_t token = next_token_++;
    poller_.add(fd.get(), token, EPOLLIN);
    connections_.try_emplace(token, std::move(fd), context);
  }
}

// What follows from a connection's state after it has done something.
void Upstream::settle(std::uint64_t token, bool is_open, bool was_streaming, bool waited) {
  const auto found = connections_.find(token);
  if (!is_open) {
    connections_.erase(found);
    return;
  }
  const UpstreamConnection& connection = found->second;
  if (connection.waits_to_write() != waited)
    poller_.change(connection.fd(), token, waited ? EPOLLIN : EPOLLIN | EPOLLOUT);
  if (connection.is_streaming() && !was_streaming) {
    due_.emplace(connection.due_at_ns(), token);
    arm_timer();
  }
}

void Upstream::send_due_events() {
  while (!due_.empty() && due_.top().first <= now_ns()) {
    const std::uint64_t token = due_.top().second;
    due_.pop();
    const auto found = connections_.find(token);
    if (found == connections_.end() || !found->second.is_streaming()) continue;
    const bool waited = found->second.waits_to_write();
    settle(token, found->second.send_due_event(), false, waited);
  }
  if (!due_.empty()) arm_timer();
}

void Upstream::arm_timer() const {
  itimerspec at{};
  at.it_value.tv_sec = due_.top().first / ns_per_s;
  at.it_value.tv_nsec = due_.top().first % ns_per_s;
  ::timerfd_settime(timer_.get(), TFD_TIMER_ABSTIME, &at, nullptr);
}

}  // namespace
}  // namespace bench

int main(int argc, char** argv) {
  bench::Options options;
  CLI::App app{"A provider to measure with.", "bench_upstream"};
  app.add_option("--port", options.port, "port for plain text")->required();
  app.add_option("--tls-port", options.tls_port, "port for TLS, if any");
  app.add_option("--certificate", options.certificate_file, "its certificate, PEM");
  app.add_option("--key", options.key_file, "its key, PEM");
  CLI11_PARSE(app, argc, argv);
  bench::Upstream(options).run();
}
