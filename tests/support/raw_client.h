#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// What an HTTP server answered.
struct RawAnswer {
  int status = 0;      // 0: no head came
  std::string head{};  // as it came, blank line included
  std::vector<std::pair<std::string, std::string>> headers{};
  std::string body{};     // without its chunking
  bool is_whole = false;  // the body's framing says that it is over
  std::chrono::steady_clock::time_point head_at{}, end_at{};

  // The first value of a field, or empty; and how many fields of that name there are.
  std::string_view header(std::string_view name) const noexcept;
  int count(std::string_view name) const noexcept;
};

// A client that sends bytes as they are given and reads HTTP/1.1 answers, all of it against deadlines: what a
// hostile or hasty client may do. Used by one thread.
class RawClient {
 public:
  static constexpr std::chrono::milliseconds patience{10'000};

  // Connects to that port of 127.0.0.1. What it does not read soon stays with the server if `receive_buffer`
  // is small; 0: as the system likes.
  explicit RawClient(int port, int receive_buffer = 0);
  ~RawClient();
  RawClient(RawClient&& other) noexcept;
  RawClient& operator=(RawClient&&) = delete;

  // False: the server has closed.
  bool send(std::string_view bytes);

  // The head of the next answer; 1xx heads are skipped. After it, answer() has no body yet.
  bool read_head(std::chrono::milliseconds within = patience);

  // More of the body, until it holds `mark` from byte `from` on. False: it ended, or time ran out.
  bool read_until(std::string_view mark, std::chrono::milliseconds within = patience, std::size_t from = 0);

  // Up to so many bytes as they come, whatever they are; empty: none within that time, or the server closed.
  std::string read_some(std::size_t bytes_max, std::chrono::milliseconds within = patience);

  // Head, if it has not come yet, and body to its end.
  RawAnswer read_answer(std::chrono::milliseconds within = patience, bool to_head_request = false);

  const RawAnswer& answer() const noexcept { return answer_; }

  // Whether the server closes, orderly or by RST, sending nothing more.
  bool sees_close(std::chrono::milliseconds within = patience);

  // Whether the server has reset the connection, without reading anything.
  bool is_reset() const;

  // Ways to leave. half_close goes on reading.
  void half_close();
  void close();
  void reset();

 private:
  enum class Framing { none, length, chunked, until_close };

  bool receive(std::chrono::steady_clock::time_point until);
  void start_body(bool to_head_request);
  void take_body();
  void take_chunks();

  int fd_ = -1;
  std::string unread_{};
  bool has_ended_ = false, has_head_ = false;
  Framing framing_ = Framing::none;
  std::size_t left_ = 0;  // of the body, or of the chunk
  RawAnswer answer_{};
};

// A request as text. `host` is always there; content-length if there is a body or the method is POST.
std::string raw_request(std::string_view method, std::string_view target, std::string_view body = {},
                        std::string_view more_head_lines = {});
