#include "demo/stoppable_socket.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace airouterd::demo {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

StoppableSocket::Outcome StoppableSocket::poll_for(short events, int timeout_milliseconds) const {
  std::array<pollfd, 2> fds{{{fd_, events, 0}, {stop_fd_, POLLIN, 0}}};
  const int count = ::poll(fds.data(), fds.size(), timeout_milliseconds);
  if (count == 0) return Outcome::timeout;
  if (count < 0) return errno == EINTR ? Outcome::ready : Outcome::gone;
  if (fds[1].revents != 0) return Outcome::stopped;
  const bool left = (fds[0].revents & (POLLERR | POLLHUP | POLLRDHUP | POLLNVAL)) != 0;
  // Bytes that came before the peer left are still to be read.
  if (left && (fds[0].revents & events & POLLIN) == 0) return Outcome::gone;
  return Outcome::ready;
}

StoppableSocket::Outcome StoppableSocket::receive(std::string& buffer) {
  std::array<char, 16 * 1024> piece;
  while (fd_ >= 0) {
    const Outcome outcome = poll_for(POLLIN, -1);
    if (outcome != Outcome::ready) return outcome;
    const auto count = ::recv(fd_, piece.data(), piece.size(), MSG_DONTWAIT);
    if (count > 0) {
      buffer.append(piece.data(), static_cast<std::size_t>(count));
      return Outcome::ready;
    }
    if (count == 0 || (errno != EAGAIN && errno != EINTR)) return Outcome::gone;
  }
  return Outcome::gone;
}

StoppableSocket::Outcome StoppableSocket::send(std::string_view bytes, std::atomic<std::uint64_t>& sent) {
  while (!bytes.empty()) {
    const Outcome outcome = poll_for(POLLOUT | POLLRDHUP, -1);
    if (outcome != Outcome::ready) return outcome;
    const auto count = ::send(fd_, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (count < 0 && errno != EAGAIN && errno != EINTR) return Outcome::gone;
    if (count <= 0) continue;
    sent.fetch_add(static_cast<std::uint64_t>(count), std::memory_order_relaxed);
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return Outcome::ready;
}

StoppableSocket::Outcome StoppableSocket::wait(milliseconds duration) {
  const auto until = steady_clock::now() + duration;
  while (fd_ >= 0) {
    int left = -1;
    if (duration != for_ever) {
      const auto rest = std::chrono::ceil<milliseconds>(until - steady_clock::now()).count();
      left = static_cast<int>(std::clamp<milliseconds::rep>(rest, 0, 3'600'000));
    }
    const Outcome outcome = poll_for(POLLRDHUP, left);
    if (outcome != Outcome::ready) return outcome;
  }
  return Outcome::gone;
}

void StoppableSocket::half_close() noexcept {
  if (fd_ >= 0) ::shutdown(fd_, SHUT_WR);
}

void StoppableSocket::close() noexcept {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
}

void StoppableSocket::reset() noexcept {
  const linger at_once{1, 0};
  if (fd_ >= 0) ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  close();
}

}  // namespace airouterd::demo
