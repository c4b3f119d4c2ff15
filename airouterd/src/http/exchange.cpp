#include "http/exchange.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/limits.h"
#include "http/cors.h"
#include "http/normalise_path.h"
#include "http/reply_text.h"

namespace airouterd::http {
namespace {

using std::chrono::steady_clock;

// Large enough that a picture of 20 MB costs a few hundred system calls.
constexpr std::size_t body_read_bytes = 64 * airouter::limits::kibibyte;

// What a stream writes goes to the library in pieces, of each of which it makes a copy.
constexpr std::size_t written_bytes_max = 64 * airouter::limits::kibibyte;

// What is set aside at once for an announced body; beyond, memory follows what really comes.
constexpr std::uint64_t reserved_bytes_max = 256 * airouter::limits::kibibyte;

}  // namespace

Exchange::Exchange(Connection& connection, Head head, std::string id)
    : connection_(connection),
      framing_(head.framing),
      expects_continue_(head.expects_continue),
      body_bytes_(head.body_bytes),
      raw_left_(head.body_bytes),
      keep_alive_(head.keep_alive) {
  method = std::move(head.method);
  target = std::move(head.target);
  const auto question = std::min(target.find('?'), target.size());
  path = normalise_path(std::string_view(target).substr(0, question));
  if (question < target.size()) query = target.substr(question + 1);
  headers = std::move(head.headers);
  peer = connection.peer();
  request_id = std::move(id);
  is_http_1_0 = head.is_http_1_0;
  const auto& options = connection.options();
  auto* const budget = path.starts_with("/api/") ? options.api_body_budget : options.body_budget;
  if (budget != nullptr) share_ = airouter::ByteBudget::Share(*budget);
}

std::string Exchange::library_head() const {
  switch (framing_) {
    case BodyFraming::length:
      return "POST / HTTP/1.1\r\nContent-Length: " + std::to_string(body_bytes_) + "\r\n\r\n";
    case BodyFraming::chunked:
      return "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n";
    default:
      return method == "HEAD" ? "HEAD / HTTP/1.1\r\n\r\n" : "GET / HTTP/1.1\r\n\r\n";
  }
}

airouter::Result<std::string> Exchange::read_body(std::size_t bytes_max) {
  std::string body;
  if (!has_body()) return body;
  if (body_state_ != BodyState::unread || decoder_ == nullptr) {
    failure_ = Failure::broken;
    return body_error();
  }
  if (body_bytes_ > bytes_max) {
    failure_ = Failure::too_large;
    return body_error();
  }
  // RFC 9110, 10.1.1: not needed once some of the body has come.
  if (expects_continue_ && connection_.input().empty()) send_now("HTTP/1.1 100 Continue\r\n\r\n");
  body_state_ = BodyState::reading;
  const auto& options = connection_.options();
  const auto begin = steady_clock::now();
  pace_.emplace(begin, options.body_grace, options.body_bytes_per_second_min);
  body_deadline_ = begin + options.body_total;
  body.reserve(static_cast<std::size_t>(std::min(body_bytes_, reserved_bytes_max)));
  const bool is_decoded = (*decoder_)([&](const char* data, std::size_t bytes) {
    return receive_piece(body, {data, bytes}, bytes_max);
  });
  const bool is_at_end =
      framing_ == BodyFraming::length ? raw_left_ == 0 : guard_.state() == ChunkGuard::State::complete;
  if (!is_decoded || !is_at_end || failure_ != Failure::none) {
    if (failure_ == Failure::none) failure_ = Failure::broken;
    share_.release();
    return body_error();
  }
  body_state_ = BodyState::whole;
  return body;
}

bool Exchange::receive_piece(std::string& body, std::string_view piece, std::size_t bytes_max) {
  if (piece.size() > bytes_max - body.size()) {
    failure_ = Failure::too_large;
  } else if (!share_.grow_to(body.size() + piece.size())) {
    failure_ = Failure::overloaded;
  } else {
    body.append(piece);
    return true;
  }
  return false;
}

bool Exchange::fill_input() {
  auto& input = connection_.input();
  char* const room = input.room(body_read_bytes);
  const auto received =
      connection_.socket().receive(room, input.room_bytes(), std::min(pace_->deadline(), body_deadline_));
  if (received <= 0) {
    failure_ = received < 0 ? Failure::too_slow : Failure::left;
    return false;
  }
  input.filled(static_cast<std::size_t>(received));
  const auto now = steady_clock::now();
  pace_->moved(static_cast<std::uint64_t>(received), now);
  // A peer that always has something ready never waits, and so is never found late there.
  if (now < std::min(pace_->deadline(), body_deadline_)) return true;
  failure_ = Failure::too_slow;
  return false;
}

std::ptrdiff_t Exchange::read_raw(char* to, std::size_t bytes) {
  if (body_state_ != BodyState::reading || failure_ != Failure::none || bytes == 0) return -1;
  const bool has_length = framing_ == BodyFraming::length;
  if (has_length ? raw_left_ == 0 : guard_.state() == ChunkGuard::State::complete) return 0;
  auto& input = connection_.input();
  if (input.empty() && !fill_input()) return -1;
  auto available = input.view().substr(0, bytes);
  if (has_length) {
    available =
        available.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(raw_left_, available.size())));
    raw_left_ -= available.size();
  } else {
    available = available.substr(0, guard_.accept(available));
    if (available.empty()) {
      failure_ = Failure::broken;
      return -1;
    }
  }
  std::memcpy(to, available.data(), available.size());
  const auto used = available.size();
  input.consume(used);
  return static_cast<std::ptrdiff_t>(used);
}

airouter::Error Exchange::body_error() const {
  airouter::Error error;
  error.code = airouter::ErrorCode::invalid_request;
  switch (failure_) {
    case Failure::too_large:
      error.http_status = 413;
      error.message = "The request's body is larger than this server accepts.";
      break;
    case Failure::too_slow:
      error.http_status = 408;
      error.message = "The request's body did not arrive in time.";
      break;
    case Failure::left:
      error.http_status = 400;
      error.message = "The connection ended before the request's body did.";
      break;
    case Failure::overloaded:
      error.code = airouter::ErrorCode::overloaded;
      error.message = "The server holds too many request bodies; try again in a moment.";
      error.retry_after = std::chrono::seconds{1};
      break;
    default:
      error.http_status = 400;
      error.message = "The request's body is not framed as HTTP demands.";
      break;
  }
  return error;
}

Reply& Exchange::answer(const Handler& handler, const BodyDecoder* decoder) {
  decoder_ = decoder;
  try {
    reply_ = handler(*this);
  } catch (...) {  // what it says is for nobody outside
    reply_ = error_reply({500, "internal_error", "The server ran into an error of its own."}, path);
    if (is_cors_path(path)) add_cors_headers(reply_);
  }
  decoder_ = nullptr;
  if (reply_.status < 200 || reply_.status > 599) reply_.status = 500;
  if (airouter::find_header(reply_.headers, "x-request-id").empty())
    reply_.headers.emplace_back("x-request-id", request_id);
  settle_connection();
  return reply_;
}

void Exchange::settle_connection() {
  auto& input = connection_.input();
  if (framing_ == BodyFraming::length && body_state_ == BodyState::unread &&
      input.view().size() >= body_bytes_) {
    input.consume(static_cast<std::size_t>(body_bytes_));
    body_state_ = BodyState::whole;
  }
  const bool body_is_read = !has_body() || body_state_ == BodyState::whole;
  // Where a chunked body ends is for the library to say; no request after one is trusted.
  keep_alive_ = keep_alive_ && body_is_read && framing_ != BodyFraming::chunked && !reply_.close &&
                !connection_.is_closing() && !(is_http_1_0 && reply_.stream && !reply_.stream_bytes);
}

std::string_view Exchange::connection_field() const noexcept {
  if (!keep_alive_) return "close";
  return is_http_1_0 ? "keep-alive" : std::string_view{};
}

bool Exchange::run_stream(const BodyReceiver& write) {
  class LibrarySink final : public Sink {
   public:
    LibrarySink(Exchange& exchange, const BodyReceiver& write) : exchange_(exchange), write_(write) {}

    bool write(std::string_view bytes) override {
      if (bytes.empty()) return exchange_.flush();
      try {
        while (!bytes.empty() && !exchange_.is_broken_) {
          const auto piece = bytes.substr(0, written_bytes_max);
          if (!write_(piece.data(), piece.size())) return false;
          bytes.remove_prefix(piece.size());
        }
        return !exchange_.is_broken_;
      } catch (...) {  // memory may run out
        exchange_.is_broken_ = true;
        return false;
      }
    }

   private:
    Exchange& exchange_;
    const BodyReceiver& write_;
  };
  if (!reply_.stream) return false;                                // it has run, and wrote less than it said
  if (connection_.input().empty()) connection_.input().release();  // a stream may last, and reads nothing
  LibrarySink sink(*this, write);
  bool is_whole = false;
  try {
    is_whole = reply_.stream->run(sink);
  } catch (...) {  // it is cut
  }
  reply_.stream.reset();
  return is_whole && !is_broken_;
}

bool Exchange::write_raw(std::string_view bytes) {
  if (is_broken_) return false;
  if (!head_written_) {
    head_written_ = true;
    pending_head_ = reply_head(reply_, connection_field(), bytes);
    return true;
  }
  return send_now(bytes);
}

bool Exchange::send_now(std::string_view bytes) {
  if (is_broken_) return false;
  is_broken_ = !connection_.socket().send(pending_head_, bytes, connection_.write_pace());
  pending_head_.clear();
  return !is_broken_;
}

bool Exchange::flush() {
  return pending_head_.empty() ? !is_broken_ : send_now({});
}

Exchange::Ending Exchange::finish(bool is_whole) {
  if (!flush() || !head_written_) return Ending::close;
  if (!is_whole) {
    // Without framing only a reset tells a cut from an end.
    if (is_http_1_0) connection_.socket().reset_on_close();
    return Ending::close;
  }
  if (keep_alive_) return Ending::keep_alive;
  const bool is_all_read = (!has_body() || body_state_ == BodyState::whole) && connection_.input().empty();
  return is_all_read ? Ending::close : Ending::linger;
}

}  // namespace airouterd::http
