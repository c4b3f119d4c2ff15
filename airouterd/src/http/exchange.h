#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/byte_budget.h"
#include "http/chunk_guard.h"
#include "http/connection.h"
#include "http/message.h"

namespace airouterd::http {

// One request and its reply. To handlers it is the request; to the library it is the stream: a head of our
// own making, then the body's raw bytes, and for the way back the reply's. Used by the connection's thread.
class Exchange final : public Request {
 public:
  using BodyReceiver = std::function<bool(const char*, std::size_t)>;
  using BodyDecoder =
      std::function<bool(BodyReceiver)>;  // false: the framing is broken, or the receiver said so

  enum class Ending { keep_alive, linger, close };

  Exchange(Connection& connection, Head head, std::string id);

  bool has_body() const override { return framing_ != BodyFraming::none; }
  airouter::Result<std::string> read_body(std::size_t bytes_max) override;
  airouter::Interrupt& interrupt() override { return connection_.interrupt(); }

  // What the library is told of the request: nothing that the client chose but how its body is framed.
  std::string library_head() const;

  // For the library: raw bytes of the body; 0 at its end, less than 0 when there will be no more.
  std::ptrdiff_t read_raw(char* to, std::size_t bytes);

  // For the library: the reply's head in one piece, then its body. The head waits for what follows it.
  bool write_raw(std::string_view bytes);

  // Runs the handler, whose body is decoded by `decoder` (null: there is none), and settles how the
  // connection goes on.
  Reply& answer(const Handler& handler, const BodyDecoder* decoder);

  // Runs the stream of the reply, whose pieces go to `write`.
  bool run_stream(const BodyReceiver& write);

  const Reply& reply() const noexcept { return reply_; }

  // Sends what is still held back, and says what becomes of the connection.
  Ending finish(bool is_whole);

 private:
  enum class BodyState { unread, reading, whole };
  enum class Failure { none, too_large, too_slow, left, broken, overloaded };

  // What the reply's head says of the connection: "close", "keep-alive" or nothing.
  std::string_view connection_field() const noexcept;
  bool flush();
  bool send_now(std::string_view bytes);
  bool fill_input();
  bool receive_piece(std::string& body, std::string_view piece, std::size_t bytes_max);
  void settle_connection();
  airouter::Error body_error() const;

  Connection& connection_;
  const BodyFraming framing_;
  const bool expects_continue_;
  const std::uint64_t body_bytes_;

  BodyState body_state_ = BodyState::unread;
  Failure failure_ = Failure::none;
  std::uint64_t raw_left_;  // of a body with a length
  ChunkGuard guard_{};
  std::optional<Pace> pace_{};
  airouter::TimePoint body_deadline_{};
  airouter::ByteBudget::Share share_{};
  const BodyDecoder* decoder_ = nullptr;  // while the handler runs

  Reply reply_{};
  std::string pending_head_{};
  bool head_written_ = false;
  bool keep_alive_;
  bool is_broken_ = false;  // nothing more can be sent
};

}  // namespace airouterd::http
