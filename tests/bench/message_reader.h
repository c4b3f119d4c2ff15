#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace bench {

// Reads one HTTP/1.1 message after the other, requests or answers, with a Content-Length, chunked, or
// (answers) until the connection closes. Used by one thread.
class MessageReader {
 public:
  // Takes bytes up to the end of the message at most, and says how many.
  std::size_t feed(std::string_view bytes);

  // The connection ended: the end of a message without a length.
  void end_of_connection();

  // Begins the next message.
  void reset();

  bool is_whole() const { return state_ == State::whole; }
  bool is_bad() const { return state_ == State::bad; }
  bool has_head() const { return state_ != State::head; }
  int status() const { return status_; }  // of an answer; 0 for a request
  const std::string& head() const { return head_; }

  // What came of the body. Whoever reads it in parts may take them away.
  std::string& body() { return body_; }

 private:
  enum class State { head, counted, chunk_size, chunk_data, chunk_end, trailer, to_close, whole, bad };

  std::size_t feed_head(std::string_view bytes);
  std::size_t feed_data(std::string_view bytes, State next);
  std::size_t feed_line(std::string_view bytes);
  void begin_body();
  void end_line();

  State state_ = State::head;
  std::string head_{}, body_{}, line_{};
  std::size_t left_ = 0;
  int status_ = 0;
};

// The value of a header of a message's head, as it stands there; empty if it has none. The name is
// lower-case.
std::string_view header_value(std::string_view head, std::string_view name);

}  // namespace bench
