#include "upstream_connection.h"

#include <array>
#include <cerrno>
#include <sys/socket.h>

#include <openssl/err.h>

namespace bench {
namespace {

// A client that does not read is not worth more memory than this.
constexpr std::size_t waiting_bytes_max = std::size_t{16} << 20;

}  // namespace

UpstreamConnection::UpstreamConnection(Fd fd, SSL_CTX* context) : fd_(std::move(fd)) {
  if (context == nullptr) return;
  tls_.reset(SSL_new(context));
  SSL_set_fd(tls_.get(), fd_.get());
  SSL_set_accept_state(tls_.get());
}

long UpstreamConnection::outcome_of_tls(int result) {
  if (result > 0) return result;
  const int error = SSL_get_error(tls_.get(), result);
  ERR_clear_error();
  if (error == SSL_ERROR_WANT_WRITE) tls_wants_write_ = true;
  return error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE ? 0 : -1;
}

long UpstreamConnection::receive(char* into, std::size_t size) {
  if (tls_) return outcome_of_tls(SSL_read(tls_.get(), into, static_cast<int>(size)));
  const auto count = ::recv(fd_.get(), into, size, 0);
  if (count > 0) return count;
  return count < 0 && (errno == EAGAIN || errno == EINTR) ? 0 : -1;
}

long UpstreamConnection::transmit(std::string_view bytes) {
  if (tls_) return outcome_of_tls(SSL_write(tls_.get(), bytes.data(), static_cast<int>(bytes.size())));
  const auto count = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
  if (count > 0) return count;
  return count < 0 && (errno == EAGAIN || errno == EINTR) ? 0 : -1;
}

bool UpstreamConnection::go_on() {
  tls_wants_write_ = false;
  return read() && write();
}

bool UpstreamConnection::read() {
  std::array<char, 16 * 1024> bytes;
  for (;;) {
    const long count = receive(bytes.data(), bytes.size());
    if (count < 0) return false;
    ahead_.append(bytes.data(), static_cast<std::size_t>(count));
    if (!answer()) return false;
    // Half a buffer is all there was; TLS may hold more.
    if (count == 0 || (!tls_ && static_cast<std::size_t>(count) < bytes.size())) return true;
  }
}

bool UpstreamConnection::answer() {
  while (!ahead_.empty() && !is_streaming()) {
    ahead_.erase(0, reader_.feed(ahead_));
    if (reader_.is_bad()) return false;
    if (!reader_.is_whole()) return true;
    wish_ = wish_of(reader_.body());
    reader_.reset();
    if (!wish_.is_stream) {
      wish_.events = -1;
      next_event_ = 0;
      out_ += plain_answer(wish_.model);
    } else {
      next_event_ = 0;
      due_at_ns_ = now_ns();
      out_ += stream_head();
    }
  }
  return ahead_.size() < waiting_bytes_max;
}

bool UpstreamConnection::send_due_event() {
  if (next_event_ < wish_.events) {
    out_ += stream_event(wish_.model, next_event_, now_ns());
  } else {
    out_ += stream_end(wish_.model);
  }
  ++next_event_;
  due_at_ns_ += wish_.interval_ns;
  // The next request may have come meanwhile.
  return answer() && write() && out_.size() < waiting_bytes_max;
}

bool UpstreamConnection::write() {
  while (!out_.empty()) {
    const long count = transmit(out_);
    if (count < 0) return false;
    if (count == 0) return true;
    out_.erase(0, static_cast<std::size_t>(count));
  }
  return true;
}

}  // namespace bench
