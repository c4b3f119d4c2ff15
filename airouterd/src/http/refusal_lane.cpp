#include "http/refusal_lane.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

#include "base/limits.h"
#include "http/normalise_path.h"

namespace airouterd::http {
namespace {

using std::chrono::steady_clock;

// Together they bound the descriptors that refused clients take.
constexpr std::size_t guests_max = 16, arrivals_max = 8;

// How soon a request is offered again when all threads for reserved ones are at work.
constexpr std::chrono::milliseconds hand_on_interval{1};

constexpr std::size_t read_bytes = 4 * airouter::limits::kibibyte;

// What a socket gives without waiting: bytes, 0 at its end, less than 0 if there is nothing yet.
std::ptrdiff_t read_now(int fd, char* to, std::size_t bytes) noexcept {
  for (;;) {
    const auto received = ::recv(fd, to, bytes, MSG_DONTWAIT);
    if (received >= 0) return received;
    if (errno != EINTR) return errno == EAGAIN || errno == EWOULDBLOCK ? -1 : 0;
  }
}

// The path in a head, as far as it has come.
std::string path_in(std::string_view head) {
  const auto line = head.substr(0, std::min(head.find("\r\n"), target_bytes_max));
  const auto target = line.substr(std::min(line.find(' '), line.size()));
  if (target.empty()) return {};
  return normalise_path(target.substr(1, target.find_first_of(" ?", 1) - 1));
}

}  // namespace

RefusalLane::Guest::~Guest() {
  if (fd >= 0) ::close(fd);
}

RefusalLane::RefusalLane(const ServerOptions& options, Parts parts)
    : options_(options), parts_(std::move(parts)), wake_fd_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

RefusalLane::~RefusalLane() {
  stop();
  if (wake_fd_ >= 0) ::close(wake_fd_);
}

void RefusalLane::start() noexcept {
  if (wake_fd_ < 0) return;
  try {
    const std::lock_guard lock(mutex_);
    arrivals_.reserve(arrivals_max);
    is_running_ = true;
    thread_ = std::thread([this] { run(); });
  } catch (...) {  // no thread
    is_running_ = false;
  }
}

void RefusalLane::take(int socket_fd) noexcept {
  {
    std::unique_lock lock(mutex_);
    caught_up_.wait(lock, [this] { return !is_running_ || arrivals_.size() < arrivals_max; });
    if (is_running_) {
      arrivals_.push_back(socket_fd);  // within what is reserved
      ::eventfd_write(wake_fd_, 1);
      return;
    }
  }
  Guest unheard(socket_fd);
  refuse(unheard);
}

void RefusalLane::stop() noexcept {
  {
    const std::lock_guard lock(mutex_);
    is_running_ = false;
    caught_up_.notify_all();
    if (wake_fd_ >= 0) ::eventfd_write(wake_fd_, 1);
  }
  if (thread_.joinable()) thread_.join();
}

void RefusalLane::run() noexcept {
  for (bool is_going_on = true; is_going_on;) {
    try {
      wait();
      is_going_on = let_in();
      for (auto guest = guests_.begin(); guest != guests_.end();)
        guest = attend(*guest) ? std::next(guest) : guests_.erase(guest);
    } catch (...) {  // memory ran out: these can be given up
      guests_.clear();
    }
  }
  guests_.clear();
}

// Until somebody has said something, or has been silent for too long.
void RefusalLane::wait() {
  std::array<pollfd, guests_max + 1> entries{};
  std::size_t count = 0;
  entries[count++] = {wake_fd_, POLLIN, 0};
  auto until = steady_clock::now() + std::chrono::hours{1};
  for (const Guest& guest : guests_) {
    entries[count++] = {guest.pool != nullptr ? -1 : guest.fd, POLLIN, 0};
    until = std::min(until, guest.pool != nullptr ? steady_clock::now() + hand_on_interval : guest.until);
  }
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - steady_clock::now()).count();
  ::poll(entries.data(), count, static_cast<int>(std::max<std::int64_t>(left, 0)));
  count = 1;
  for (Guest& guest : guests_)
    guest.is_ready = entries[count++].revents != 0 || guest.pool != nullptr;
}

// False: the lane closes.
bool RefusalLane::let_in() {
  std::array<int, arrivals_max> taken{};
  std::size_t count = 0;
  bool is_running = false;
  {
    const std::lock_guard lock(mutex_);
    count = arrivals_.size();
    std::copy(arrivals_.begin(), arrivals_.end(), taken.begin());
    arrivals_.clear();
    is_running = is_running_;
    eventfd_t ignored = 0;
    ::eventfd_read(wake_fd_, &ignored);
    caught_up_.notify_all();
  }
  for (std::size_t i = 0; i < count; ++i) {
    if (guests_.size() >= guests_max) make_place();
    guests_.emplace_back(taken[i]).until = steady_clock::now() + options_.linger;
  }
  return is_running;
}

void RefusalLane::make_place() {
  auto leaving = std::find_if(guests_.begin(), guests_.end(), [](const Guest& g) { return g.is_refused; });
  if (leaving == guests_.end()) {
    leaving = guests_.begin();
    refuse(*leaving);
  }
  guests_.erase(leaving);
}

// False: it leaves the lane.
bool RefusalLane::attend(Guest& guest) {
  const bool is_staying = !guest.is_ready || (guest.is_refused        ? throw_away(guest)
                                              : guest.pool != nullptr ? hand_on(guest)
                                                                      : hear(guest));
  if (!is_staying || steady_clock::now() < guest.until) return is_staying;
  if (guest.is_refused) return false;
  refuse(guest);
  return true;
}

bool RefusalLane::hear(Guest& guest) {
  char* const room = guest.input.room(read_bytes);
  const auto received = read_now(guest.fd, room, guest.input.room_bytes());
  if (received <= 0) return received < 0;
  guest.input.filled(static_cast<std::size_t>(received));
  const auto outcome = guest.parser.parse(guest.input.view());
  if (std::holds_alternative<NeedsMore>(outcome)) return true;
  const auto* const head = std::get_if<Head>(&outcome);
  guest.pool = head != nullptr ? parts_.pool_of(*head) : nullptr;
  if (guest.pool != nullptr) return hand_on(guest);
  refuse(guest);
  return true;
}

bool RefusalLane::hand_on(Guest& guest) {
  if (!parts_.hand_on(*guest.pool, guest.fd, std::string(guest.input.view()))) return true;
  guest.fd = -1;
  return false;
}

// Closing while something is unread would make the kernel send a reset, and the client might lose the reply.
bool RefusalLane::throw_away(Guest& guest) const noexcept {
  std::array<char, 16 * airouter::limits::kibibyte> scrap{};
  const auto received = read_now(guest.fd, scrap.data(), scrap.size());
  if (received > 0) guest.thrown_away += static_cast<std::size_t>(received);
  return received != 0 && guest.thrown_away < options_.linger_bytes_max;
}

void RefusalLane::refuse(Guest& guest) const noexcept {
  try {
    const std::string text = parts_.refusal(path_in(guest.input.view()));
    [[maybe_unused]] const auto sent =
        ::send(guest.fd, text.data(), text.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  } catch (...) {  // closing it says enough
  }
  ::shutdown(guest.fd, SHUT_WR);
  guest.is_refused = true;
  guest.pool = nullptr;
  guest.until = steady_clock::now() + options_.linger;
  guest.input.release();
}

}  // namespace airouterd::http
