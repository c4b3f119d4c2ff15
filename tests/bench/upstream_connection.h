#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include <openssl/ssl.h>

#include "message_reader.h"
#include "socket.h"
#include "upstream_answers.h"

namespace bench {

struct FreeTls {
  void operator()(SSL* tls) const { SSL_free(tls); }
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};

// One client of the provider: its requests, one after the other, and at most one stream under way. Never
// waits.
class UpstreamConnection {
 public:
  // `context` may be null: plain text.
  UpstreamConnection(Fd fd, SSL_CTX* context);

  // Reads what is there, answers, writes what waits. False: the connection is over.
  bool go_on();

  // Sends the event that is due, or the end. False: the connection is over.
  bool send_due_event();

  bool is_streaming() const { return next_event_ <= wish_.events; }
  std::int64_t due_at_ns() const { return due_at_ns_; }
  bool waits_to_write() const { return !out_.empty() || tls_wants_write_; }
  int fd() const { return fd_.get(); }

 private:
  bool read();
  bool answer();
  bool write();

  // As recv and send: bytes, 0 for not now, -1 for over.
  long receive(char* into, std::size_t size);
  long transmit(std::string_view bytes);
  long outcome_of_tls(int result);

  Fd fd_;
  std::unique_ptr<SSL, FreeTls> tls_{};
  MessageReader reader_{};
  std::string ahead_{};  // read while a stream is under way
  std::string out_{};
  Wish wish_{.events = -1};
  int next_event_ = 0;
  std::int64_t due_at_ns_ = 0;
  bool tls_wants_write_ = false;
};

}  // namespace bench
