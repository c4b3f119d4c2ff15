#include "http/socket.h"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <cerrno>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/limits.h"

namespace airouterd::http {
namespace {

using std::chrono::steady_clock;

Socket::Wait wait_for(int fd, short events, airouter::TimePoint until) noexcept {
  while (true) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - steady_clock::now()).count();
    constexpr std::int64_t longest = 3'600'000;
    pollfd entry{fd, events, 0};
    const int ready = ::poll(&entry, 1, static_cast<int>(std::clamp<std::int64_t>(left, 0, longest)));
    if (ready > 0) return Socket::Wait::ready;
    if (ready == 0 && left <= longest) return Socket::Wait::timeout;
    if (ready < 0 && errno != EINTR) return Socket::Wait::failed;
  }
}

using linger_option = struct linger;

bool would_block() noexcept {
  return errno == EAGAIN || errno == EWOULDBLOCK;
}

}  // namespace

Socket::~Socket() {
  if (fd_ >= 0) ::close(fd_);
}

std::string Socket::peer_address() const {
  sockaddr_storage storage{};
  socklen_t size = sizeof storage;
  if (::getpeername(fd_, reinterpret_cast<sockaddr*>(&storage), &size) != 0) return {};
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (storage.ss_family == AF_INET) {
    const auto& address = reinterpret_cast<const sockaddr_in&>(storage).sin_addr;
    return ::inet_ntop(AF_INET, &address, text.data(), text.size()) != nullptr ? text.data() : "";
  }
  if (storage.ss_family != AF_INET6) return {};
  const auto& address = reinterpret_cast<const sockaddr_in6&>(storage).sin6_addr;
  const bool is_ipv4 = IN6_IS_ADDR_V4MAPPED(&address);
  const void* const source = is_ipv4 ? static_cast<const void*>(&address.s6_addr[12]) : &address;
  return ::inet_ntop(is_ipv4 ? AF_INET : AF_INET6, source, text.data(), text.size()) != nullptr ? text.data()
                                                                                                : "";
}

Socket::Wait Socket::wait_readable(airouter::TimePoint until) const noexcept {
  return wait_for(fd_, POLLIN, until);
}

std::ptrdiff_t Socket::receive(char* to, std::size_t bytes, airouter::TimePoint until) const noexcept {
  while (true) {
    const auto received = ::recv(fd_, to, bytes, MSG_DONTWAIT);
    if (received >= 0) return received;
    if (errno == EINTR) continue;
    if (!would_block()) return 0;
    const auto wait = wait_for(fd_, POLLIN, until);
    if (wait != Wait::ready) return wait == Wait::timeout ? -1 : 0;
  }
}

std::ptrdiff_t Socket::receive_patiently(char* to, std::size_t bytes,
                                         std::chrono::milliseconds patience) noexcept {
  if (!is_patient_) {
    const timeval time{patience.count() / 1000, patience.count() % 1000 * 1000};
    if (::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &time, sizeof time) != 0) return 0;
    is_patient_ = true;
  }
  const auto received = ::recv(fd_, to, bytes, 0);
  if (received >= 0) return received;
  return would_block() || errno == EINTR ? -1 : 0;
}

// The kernel tells of room only once a third of its buffer is free, which takes a slow but steady reader
// longer than the pace allows: what the peer takes meanwhile counts as moved.
bool Socket::wait_writable(Pace& pace) const noexcept {
  constexpr std::chrono::seconds look_interval{1};
  auto unsent = unsent_bytes();
  auto now = steady_clock::now();
  while (now < pace.deadline()) {
    const auto wait = wait_for(fd_, POLLOUT, std::min(pace.deadline(), now + look_interval));
    if (wait != Wait::timeout) return wait == Wait::ready;
    now = steady_clock::now();
    const auto left = unsent_bytes();
    if (left < unsent) pace.moved(unsent - left, now);
    unsent = left;
  }
  return false;
}

std::size_t Socket::unsent_bytes() const noexcept {
  int bytes = 0;
  return ::ioctl(fd_, SIOCOUTQ, &bytes) == 0 && bytes > 0 ? static_cast<std::size_t>(bytes) : 0;
}

bool Socket::send(std::string_view first, std::string_view second, Pace pace) const noexcept {
  std::array<iovec, 2> parts{};
  while (!first.empty() || !second.empty()) {
    parts[0] = {const_cast<char*>(first.data()), first.size()};    // NOLINT: sendmsg only reads them
    parts[1] = {const_cast<char*>(second.data()), second.size()};  // NOLINT
    msghdr message{};
    message.msg_iov = first.empty() ? &parts[1] : &parts[0];
    message.msg_iovlen = first.empty() || second.empty() ? 1 : 2;
    const auto result = ::sendmsg(fd_, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (result >= 0) {
      const auto sent = static_cast<std::size_t>(result);
      const auto of_first = std::min(sent, first.size());
      first.remove_prefix(of_first);
      second.remove_prefix(sent - of_first);
      if (!first.empty() || !second.empty()) pace.moved(sent, steady_clock::now());
    } else if (would_block()) {
      if (wait_writable(pace)) continue;
      reset_on_close();  // else the kernel would keep for minutes what nobody takes
      return false;
    } else if (errno != EINTR) {
      return false;
    }
  }
  return true;
}

void Socket::linger(airouter::TimePoint until, std::size_t bytes_max) const noexcept {
  if (::shutdown(fd_, SHUT_WR) != 0) return;
  std::array<char, 16 * airouter::limits::kibibyte> scrap{};
  for (std::size_t drained = 0; drained < bytes_max;) {
    // A peer that keeps sending never lets the wait time out, so the clock is looked at in any case.
    if (steady_clock::now() >= until) return;
    const auto received = receive(scrap.data(), scrap.size(), until);
    if (received <= 0) return;
    drained += static_cast<std::size_t>(received);
  }
}

void Socket::reset_on_close() const noexcept {
  const linger_option abort{1, 0};
  ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &abort, sizeof abort);
}

void Socket::shut_down() const noexcept {
  ::shutdown(fd_, SHUT_RDWR);
}

void Socket::stop_reading() const noexcept {
  ::shutdown(fd_, SHUT_RD);
}

}  // namespace airouterd::http
