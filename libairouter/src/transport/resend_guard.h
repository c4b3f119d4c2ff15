#pragma once

#include <cstdint>
#include <optional>

#include <airouter/clock.h>

#include "base/limits.h"

namespace airouter::transport {

// Decides whether one request may go out a second time. libcurl does that by itself and silently when a
// reused connection dies; a provider that had begun to work would bill it twice. So: once, only if the
// connection died within limits::stale_connection_window of the first sending, and only if no byte had come.
// Pure; for one transfer.
class ResendGuard {
 public:
  // TLS says good-bye with an alert, which is no part of an answer; and the kernel counts a FIN as a byte.
  static constexpr std::uint64_t farewell_bytes_plain = 1, farewell_bytes_tls = 128;

  explicit ResendGuard(bool is_tls = false) noexcept
      : farewell_bytes_(is_tls ? farewell_bytes_tls : farewell_bytes_plain) {}

  // The request is about to go out; `received` counts the bytes that ever came on this connection. False: it
  // must not.
  bool may_send(TimePoint now, std::uint64_t received) noexcept {
    if (!may_connect(now)) return false;
    if (++sends_ == 1) {
      sent_ = now;
      received_before_ = received;
    }
    return true;
  }

  // A connection was closed while the transfer goes on.
  void on_closed(TimePoint now, std::uint64_t received) noexcept {
    if (sends_ == 0 || closed_) return;
    closed_ = now;
    answered_ = received > received_before_ + farewell_bytes_;
  }

  // Whether another connection makes sense. False: sending on it would be refused.
  bool may_connect(TimePoint now) noexcept {
    if (sends_ == 0) return true;
    const bool in_time = closed_.value_or(now) - sent_ <= limits::stale_connection_window;
    denied_ = denied_ || sends_ > 1 || answered_ || !in_time;
    return !denied_;
  }

  bool is_denied() const noexcept { return denied_; }
  bool has_sent() const noexcept { return sends_ > 0; }

 private:
  std::uint64_t farewell_bytes_, received_before_ = 0;
  int sends_ = 0;
  TimePoint sent_{};
  std::optional<TimePoint> closed_{};
  bool answered_ = false, denied_ = false;
};

}  // namespace airouter::transport
