#include <cstdint>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <airouter/transport.h>

// An epoll descriptor rather than the socket itself is what waits poll on: it reports only a hang-up, where a
// plain poll would spin on bytes that a pipelining client has already sent.
namespace airouter {

Interrupt::Interrupt() noexcept
    : epoll_fd_(::epoll_create1(EPOLL_CLOEXEC)), event_fd_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (epoll_fd_ < 0 || event_fd_ < 0) return;
  epoll_event event{};
  event.events = EPOLLIN;
  ::epoll_ctl(epoll_fd_, EPOLL_CTL_ADD, event_fd_, &event);
}

Interrupt::~Interrupt() {
  if (epoll_fd_ >= 0) ::close(epoll_fd_);
  if (event_fd_ >= 0) ::close(event_fd_);
}

void Interrupt::trigger() noexcept {
  flag_.store(true);
  const std::uint64_t one = 1;
  if (event_fd_ >= 0) [[maybe_unused]]
    const auto written = ::write(event_fd_, &one, sizeof one);
}

void Interrupt::watch_peer(int socket_fd) noexcept {
  if (epoll_fd_ < 0) return;
  if (peer_fd_ >= 0) ::epoll_ctl(epoll_fd_, EPOLL_CTL_DEL, peer_fd_, nullptr);
  peer_fd_ = socket_fd;
  if (peer_fd_ < 0) return;
  epoll_event event{};
  event.events = EPOLLRDHUP;  // errors and full hang-ups are always reported
  ::epoll_ctl(epoll_fd_, EPOLL_CTL_ADD, peer_fd_, &event);
}

void Interrupt::reset() noexcept {
  flag_.store(false);
  std::uint64_t count = 0;
  if (event_fd_ >= 0) [[maybe_unused]]
    const auto read = ::read(event_fd_, &count, sizeof count);
}

bool Interrupt::triggered() const noexcept {
  if (flag_.load()) return true;
  epoll_event event{};
  return epoll_fd_ >= 0 && peer_fd_ >= 0 && ::epoll_wait(epoll_fd_, &event, 1, 0) > 0;
}

}  // namespace airouter
