#include "http/connection.h"

#include <algorithm>
#include <utility>

#include "base/limits.h"
#include "http/cors.h"
#include "http/exchange.h"
#include "http/normalise_path.h"
#include "http/reply_text.h"

namespace airouterd::http {
namespace {

using std::chrono::steady_clock;

constexpr std::size_t first_read_bytes = 16 * airouter::limits::kibibyte;
// How long a connection without a request keeps its buffer for the next one.
constexpr std::chrono::milliseconds buffer_kept{200};
constexpr std::size_t further_read_bytes = 4 * airouter::limits::kibibyte;

// The path in a head that could not be read to its end, as far as it is there: only to tell pages what they
// may see.
std::string path_in(std::string_view head) {
  const auto line = head.substr(0, std::min(head.find("\r\n"), target_bytes_max));
  const auto begin = line.find(' ');
  if (begin == std::string_view::npos) return {};
  const auto target = line.substr(begin + 1);
  return normalise_path(target.substr(0, target.find_first_of(" ?")));
}

}  // namespace

bool ConnectionSet::try_reserve() noexcept {
  if (admitted_.fetch_add(1) < max_) return true;
  give_back();
  return false;
}

void ConnectionSet::add(Connection& connection) {
  const std::lock_guard lock(mutex_);
  all_.insert(&connection);
  if (is_interrupted_) connection.interrupt_requests();
  if (is_stopped_) connection.stop();
}

void ConnectionSet::remove(Connection& connection, bool has_place) noexcept {
  const std::lock_guard lock(mutex_);
  all_.erase(&connection);
  if (has_place) give_back();
}

void ConnectionSet::close_idle() noexcept {
  is_closing_ = true;
  const std::lock_guard lock(mutex_);
  for (auto* const connection : all_)
    connection->close_if_idle();
}

void ConnectionSet::interrupt() noexcept {
  const std::lock_guard lock(mutex_);
  is_interrupted_ = true;
  for (auto* const connection : all_)
    connection->interrupt_requests();
}

void ConnectionSet::stop() noexcept {
  is_closing_ = true;
  const std::lock_guard lock(mutex_);
  is_stopped_ = true;
  for (auto* const connection : all_)
    connection->stop();
}

// From `add` on, other threads see the object: it is the last step.
Connection::Connection(int socket_fd, ConnectionContext& context)
    : context_(context), socket_(socket_fd), has_place_(true) {
  context.connections.add(*this);
}

Connection::Connection(int socket_fd, ConnectionContext& context, std::string_view input)
    : context_(context), socket_(socket_fd), has_place_(false) {
  std::copy(input.begin(), input.end(), input_.room(input.size()));
  input_.filled(input.size());
  context.connections.add(*this);
}

Connection::~Connection() {
  context_.connections.remove(*this, has_place_);
}

void Connection::serve() noexcept {
  try {
    peer_ = socket_.peer_address();
    if (peer_.empty()) return;
    bool is_first = true;
    while (await_request(is_first) && serve_one())
      is_first = false;
  } catch (...) {  // memory ran out: this connection is what can be given up
  }
}

// A connection that idles holds no buffer; between requests that follow each other it keeps what it has.
// `is_idle_` is set before `is_closing` is asked, and close_idle does the reverse: one of both notices.
bool Connection::await_request(bool is_first) {
  const auto begin = steady_clock::now();
  const auto& limits = options();
  head_deadline_ = begin + limits.head_timeout;
  if (!input_.empty()) return true;
  is_idle_ = true;
  auto wait = Socket::Wait::timeout;
  while (wait == Socket::Wait::timeout && !is_closing()) {
    const auto patience = is_first                         ? limits.head_timeout
                          : context_.connections.is_busy() ? limits.keep_alive_idle_when_busy
                                                           : limits.keep_alive_idle;
    const auto now = steady_clock::now();
    if (now >= begin + patience) break;
    if (input_.is_allocated() && patience > buffer_kept) {
      wait = receive_soon();
      if (wait == Socket::Wait::timeout) input_.release();
      continue;
    }
    // Whether the server is busy is looked at again and again.
    wait = socket_.wait_readable(
        std::min<steady_clock::time_point>(begin + patience, now + limits.keep_alive_idle_when_busy));
  }
  is_idle_ = false;
  // Silence before its first request is no second helping of time.
  head_deadline_ = (is_first ? begin : steady_clock::now()) + limits.head_timeout;
  return wait == Socket::Wait::ready;
}

// The next request's first bytes, while there is a buffer for them.
Socket::Wait Connection::receive_soon() {
  char* const room = input_.room(first_read_bytes);
  const auto received = socket_.receive_patiently(room, input_.room_bytes(), buffer_kept);
  if (received > 0) input_.filled(static_cast<std::size_t>(received));
  return received > 0 ? Socket::Wait::ready : received < 0 ? Socket::Wait::timeout : Socket::Wait::failed;
}

HeadOutcome Connection::read_head() {
  HeadParser parser;
  while (true) {
    if (!input_.empty()) {
      auto outcome = parser.parse(input_.view());
      if (!std::holds_alternative<NeedsMore>(outcome)) return outcome;
    }
    char* const room = input_.room(input_.empty() ? first_read_bytes : further_read_bytes);
    const auto received = socket_.receive(room, input_.room_bytes(), head_deadline_);
    if (received < 0) return Refusal{408, "request_timeout", "The request's head did not arrive in time."};
    if (received == 0) return NeedsMore{};
    input_.filled(static_cast<std::size_t>(received));
  }
}

bool Connection::serve_one() {
  auto outcome = read_head();
  if (const auto* const refusal = std::get_if<Refusal>(&outcome)) {
    refuse(*refusal);
    return false;
  }
  auto* const head = std::get_if<Head>(&outcome);
  if (head == nullptr) return false;
  input_.consume(head->bytes);
  Exchange exchange(*this, std::move(*head), context_.ids.next());
  const bool is_whole = context_.process(exchange);
  switch (exchange.finish(is_whole)) {
    case Exchange::Ending::keep_alive:
      return true;
    case Exchange::Ending::linger:
      linger();
      return false;
    default:
      return false;
  }
}

void Connection::refuse(const Refusal& refusal) {
  const std::string path = path_in(input_.view());
  auto reply = error_reply(refusal, path);
  reply.headers.emplace_back("x-request-id", context_.ids.next());
  if (is_cors_path(path)) add_cors_headers(reply);
  if (socket_.send(closing_reply_text(reply), {}, write_pace())) linger();
}

void Connection::linger() const noexcept {
  socket_.linger(steady_clock::now() + options().linger, options().linger_bytes_max);
}

Pace Connection::write_pace() const noexcept {
  // There are few threads for those without a place: one that reads nothing must not keep it.
  if (!has_place_) return {steady_clock::now(), options().linger, 0};
  return {steady_clock::now(), options().write_timeout, options().body_bytes_per_second_min};
}

airouter::Interrupt& Connection::interrupt() {
  const std::lock_guard lock(mutex_);
  if (!interrupt_) {
    interrupt_.emplace();
    interrupt_->watch_peer(socket_.fd());
    if (is_interrupted_) interrupt_->trigger();
  }
  return *interrupt_;
}

void Connection::close_if_idle() noexcept {
  if (is_idle_) socket_.stop_reading();
}

void Connection::interrupt_requests() noexcept {
  const std::lock_guard lock(mutex_);
  is_interrupted_ = true;
  if (interrupt_) interrupt_->trigger();
}

void Connection::stop() noexcept {
  socket_.shut_down();  // first, so that whoever the interrupt wakes can send nothing that looks whole
  interrupt_requests();
}

}  // namespace airouterd::http
