#include "demo/dead_port.h"

#include <arpa/inet.h>
#include <cerrno>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <system_error>
#include <unistd.h>

namespace airouterd::demo {
namespace {

sockaddr_in loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<in_port_t>(port));
  return address;
}

}  // namespace

DeadPort::DeadPort(Manner manner) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address = loopback(0);
  socklen_t size = sizeof address;
  if (fd_ < 0 || ::bind(fd_, reinterpret_cast<const sockaddr*>(&address), size) != 0) {
    const int error = errno;
    if (fd_ >= 0) ::close(fd_);
    throw std::system_error(error, std::generic_category(), "dead port");
  }
  ::getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &size);
  port_ = ntohs(address.sin_port);
  // Bound and not listening refuses. Listening with a full queue drops every further SYN.
  if (manner == Manner::never_answers && ::listen(fd_, 0) == 0) fill_queue();
}

DeadPort::~DeadPort() {
  for (const int fd : fillers_)
    ::close(fd);
  ::close(fd_);
}

std::string DeadPort::base_url() const {
  return "http://127.0.0.1:" + std::to_string(port_) + "/v1";
}

void DeadPort::fill_queue() {
  const sockaddr_in address = loopback(port_);
  constexpr int fillers_max = 8, full_after_milliseconds = 50;
  for (int i = 0; i < fillers_max; ++i) {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) return;
    fillers_.push_back(fd);
    static_cast<void>(::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address));
    pollfd connecting{fd, POLLOUT, 0};
    if (::poll(&connecting, 1, full_after_milliseconds) == 0) return;
  }
}

}  // namespace airouterd::demo
