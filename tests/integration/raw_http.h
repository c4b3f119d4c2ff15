#pragma once

#include <arpa/inet.h>
#include <atomic>
#include <chrono>
#include <functional>
#include <netinet/in.h>
#include <poll.h>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>
#include <utility>

#include "http/server.h"
#include "support/catch.h"

// A server in this process, and clients that send what they are told, byte for byte.
namespace raw_http {

using namespace std::chrono_literals;
using airouterd::http::Handler;
using airouterd::http::Server;
using airouterd::http::ServerOptions;

inline std::chrono::milliseconds since(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begin);
}

// Waits until `holds`, for five seconds at most.
inline bool comes_true(const std::function<bool()>& holds) {
  const auto begin = std::chrono::steady_clock::now();
  while (!holds()) {
    if (since(begin) > 5s) return false;
    std::this_thread::sleep_for(1ms);
  }
  return true;
}

inline ServerOptions any_port() {
  ServerOptions options;
  options.port = 0;
  return options;
}

class RunningServer {
 public:
  explicit RunningServer(Handler handler, ServerOptions options = any_port()) : server_(std::move(options)) {
    const auto port = server_.bind();
    REQUIRE(port);
    port_ = *port;
    thread_ = std::thread([this, handler = std::move(handler)] { server_.run(handler); });
  }
  ~RunningServer() {
    server_.stop();
    join();
  }
  RunningServer(const RunningServer&) = delete;
  RunningServer& operator=(const RunningServer&) = delete;

  void join() {
    if (thread_.joinable()) thread_.join();
  }
  Server& server() { return server_; }
  int port() const { return port_; }

 private:
  Server server_;
  int port_ = 0;
  std::thread thread_{};
};

class Client {
 public:
  explicit Client(int port, int receive_buffer = 0) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    if (receive_buffer > 0) ::setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    is_connected_ = ::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  }
  ~Client() { close(); }
  Client(Client&& other) noexcept
      : fd_(std::exchange(other.fd_, -1)),
        is_connected_(other.is_connected_),
        left_(std::move(other.left_)) {}
  Client& operator=(Client&&) = delete;

  bool is_connected() const { return is_connected_; }

  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const auto sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }

  void half_close() { ::shutdown(fd_, SHUT_WR); }
  void close() {
    if (fd_ >= 0) ::close(std::exchange(fd_, -1));
  }

  // What one wait brings; "<end>" and "<reset>" and "<nothing>" say why there is none.
  std::string piece(std::chrono::milliseconds wait = 5s) {
    if (!left_.empty()) return std::exchange(left_, {});
    pollfd entry{fd_, POLLIN, 0};
    if (::poll(&entry, 1, static_cast<int>(wait.count())) <= 0) return "<nothing>";
    std::string bytes(65536, '\0');
    const auto received = ::recv(fd_, bytes.data(), bytes.size(), 0);
    if (received == 0) return "<end>";
    if (received < 0) return "<reset>";
    bytes.resize(static_cast<std::size_t>(received));
    return bytes;
  }

  // Until `marker`, inclusive; all there was, with the reason, if it does not come.
  std::string until(std::string_view marker, std::chrono::milliseconds wait = 5s) {
    std::string text = std::exchange(left_, {});
    while (true) {
      if (const auto at = text.find(marker); at != std::string::npos) {
        left_ = text.substr(at + marker.size());
        text.resize(at + marker.size());
        return text;
      }
      const auto more = piece(wait);
      text += more;
      if (more == "<end>" || more == "<reset>" || more == "<nothing>") return text;
    }
  }

  std::string all(std::chrono::milliseconds wait = 5s) { return until("\x01never\x01", wait); }

  // One reply whose length is told.
  std::string reply() {
    auto text = until("\r\n\r\n");
    const auto at = text.find("Content-Length: ");
    if (at == std::string::npos) return text;
    const auto length = static_cast<std::size_t>(std::stoul(text.substr(at + 16)));
    while (left_.size() < length) {
      const auto more = piece_into_left();
      if (!more) break;
    }
    text += left_.substr(0, length);
    left_.erase(0, std::min(length, left_.size()));
    return text;
  }

  std::string exchange(std::string_view bytes) {
    send(bytes);
    return reply();
  }

 private:
  bool piece_into_left() {
    auto before = std::exchange(left_, {});
    const auto more = piece();
    left_ = before + more;
    return more.front() != '<';
  }

  int fd_;
  bool is_connected_ = false;
  std::string left_{};
};

inline std::string status_of(const std::string& reply) {
  return reply.rfind("HTTP/1.1 ", 0) == 0 ? reply.substr(9, 3) : reply.substr(0, 20);
}

inline std::string body_of(const std::string& reply) {
  const auto at = reply.find("\r\n\r\n");
  return at == std::string::npos ? "" : reply.substr(at + 4);
}

inline bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

inline std::string get(std::string_view path, std::string_view fields = "") {
  return "GET " + std::string(path) + " HTTP/1.1\r\nHost: localhost\r\n" + std::string(fields) + "\r\n";
}

inline std::string post(std::string_view path, std::string_view body, std::string_view fields = "") {
  return "POST " + std::string(path) +
         " HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" +
         std::string(fields) + "\r\n" + std::string(body);
}

inline std::string post_chunked(std::string_view path, std::string_view raw_body,
                                std::string_view fields = "") {
  return "POST " + std::string(path) + " HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n" +
         std::string(fields) + "\r\n" + std::string(raw_body);
}

}  // namespace raw_http
