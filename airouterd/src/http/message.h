#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <airouter/result.h>
#include <airouter/transport.h>

// What the rest of the daemon sees of HTTP: a request whose head is read and checked, and a reply to give
// back.
namespace airouterd::http {

using airouter::Headers;

// One request, while its handler runs and while its streamed reply is written. Used by one thread; the
// connection's.
class Request {
 public:
  virtual ~Request() = default;

  std::string method{};  // as sent, e.g. "POST"
  std::string target{};  // as sent
  std::string path{};    // normalised by normalise_path, still percent-encoded
  std::string query{};   // without the question mark
  Headers headers{};     // as sent; values trimmed, never percent-decoded
  std::string peer{};    // the socket's numeric address
  std::string request_id{};
  bool is_http_1_0 = false;

  // The first value of a header, or empty.
  std::string_view header(std::string_view name) const { return airouter::find_header(headers, name); }

  virtual bool has_body() const = 0;

  // Reads the whole body; at most once. Errors: invalid_request with http_status 413 (too large), 408 (too
  // slow), 400 (broken framing, or the client left), or overloaded; the connection is closed after the reply.
  virtual airouter::Result<std::string> read_body(std::size_t bytes_max) = 0;

  // Fires when the client hangs up or half-closes, and when the server stops. Lives as long as the
  // connection.
  virtual airouter::Interrupt& interrupt() = 0;
};

// Where a streamed reply goes.
class Sink {
 public:
  virtual ~Sink() = default;

  // Sends at once; the reply's head goes with the first write, or alone if that one is empty. False: the
  // client is gone or too slow; nothing more can be sent.
  virtual bool write(std::string_view bytes) = 0;
};

// Produces a streamed reply's body, in one run on the connection's thread.
class StreamBody {
 public:
  virtual ~StreamBody() = default;

  // True: the body ended as it should. False: cut; the connection is closed without ending the body. What it
  // throws cuts it, too: memory may run out.
  virtual bool run(Sink& sink) = 0;
};

struct Reply {
  int status = 200;
  Headers headers{};  // content-length, transfer-encoding and connection are the connection's business
  std::string body{};
  std::unique_ptr<StreamBody> stream{};       // instead of `body`
  std::optional<std::size_t> stream_bytes{};  // how many it writes, if that is known: exactly so many
  bool close = false;                         // close the connection after this reply
};

using Handler = std::function<Reply(Request&)>;

}  // namespace airouterd::http
