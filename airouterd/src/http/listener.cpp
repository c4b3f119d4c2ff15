#include "http/listener.h"

#include <cerrno>
#include <memory>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace airouterd::http {
namespace {

// Connects that come while the accepting thread is busy; the kernel lowers it to its own bound.
constexpr int backlog = 1024;

// The kernel doubles it: 256 KiB is what one slow reader may hold.
constexpr int send_buffer_bytes = 128 * 1024;

struct AddressListDeleter {
  void operator()(addrinfo* list) const noexcept { ::freeaddrinfo(list); }
};
using AddressList = std::unique_ptr<addrinfo, AddressListDeleter>;

void set_option(int fd, int level, int name, int value) {
  ::setsockopt(fd, level, name, &value, sizeof value);
}

std::string place(const std::string& host, int port) {
  const bool is_ipv6 = host.find(':') != std::string::npos && !host.starts_with('[');
  return (is_ipv6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

airouter::Error failure(const std::string& host, int port, int error) {
  airouter::Error result;
  result.code = airouter::ErrorCode::invalid_config;
  result.message = "cannot listen on " + place(host, port) + ": ";
  if (error == EADDRINUSE) {
    result.message += "another program, perhaps a second airouterd, is using this port";
  } else if (error == EADDRNOTAVAIL) {
    result.message += "this machine has no such address";
  } else if (error == EACCES) {
    result.message += "ports below 1024 need a privilege that this process does not have";
  } else {
    result.message += std::generic_category().message(error);
  }
  return result;
}

// A listening socket, or a negative errno.
int listen_at(const addrinfo& address) {
  const int fd = ::socket(address.ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return -errno;
  // Restarting must not wait for old connections to time out. SO_REUSEPORT would let two daemons share the
  // port unseen.
  set_option(fd, SOL_SOCKET, SO_REUSEADDR, 1);
  set_option(fd, SOL_SOCKET, SO_SNDBUF, send_buffer_bytes);
  set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1);
  if (address.ai_family == AF_INET6) set_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, 0);
  if (::bind(fd, address.ai_addr, address.ai_addrlen) == 0 && ::listen(fd, backlog) == 0) return fd;
  const int error = errno;
  ::close(fd);
  return -error;
}

int port_of(int fd) {
  sockaddr_storage storage{};
  socklen_t size = sizeof storage;
  if (::getsockname(fd, reinterpret_cast<sockaddr*>(&storage), &size) != 0) return 0;
  return ntohs(storage.ss_family == AF_INET ? reinterpret_cast<const sockaddr_in&>(storage).sin_port
                                            : reinterpret_cast<const sockaddr_in6&>(storage).sin6_port);
}

// "localhost" is one address, whatever the resolver thinks: clients that try ::1 first go on to 127.0.0.1.
std::string resolvable(const std::string& host) {
  if (host == "localhost") return "127.0.0.1";
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') return host.substr(1, host.size() - 2);
  return host;
}

}  // namespace

Listener::~Listener() {
  if (fd_ >= 0) ::close(fd_);
}

airouter::Result<int> Listener::open(const std::string& host, int port) {
  if (host.empty() || host.find('\0') != std::string::npos || port < 0 || port > 65535) {
    return failure(host, port, EINVAL);
  }
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const int resolved = ::getaddrinfo(resolvable(host).c_str(), std::to_string(port).c_str(), &hints, &found);
  const AddressList list(found);
  if (resolved != 0) return failure(host, port, EADDRNOTAVAIL);

  int error = EADDRNOTAVAIL;
  for (const auto* address = list.get(); address != nullptr; address = address->ai_next) {
    const int fd = listen_at(*address);
    if (fd >= 0) {
      if (fd_ >= 0) ::close(std::exchange(fd_, -1));
      fd_ = fd;
      return port_of(fd);
    }
    error = -fd;
  }
  return failure(host, port, error);
}

void Listener::wake() const noexcept {
  if (fd_ >= 0) ::shutdown(fd_, SHUT_RDWR);
}

}  // namespace airouterd::http
