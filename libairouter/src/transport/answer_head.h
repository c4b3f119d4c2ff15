#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include <airouter/transport.h>

namespace airouter::transport {

// Builds the head of an answer from its lines, and refuses what could be read in two ways or fill memory:
// every line counts towards the limits, those of 1xx heads and of trailers, too. Strict where framing is at
// stake, because a connection whose framing is in doubt would hand one caller's answer to another. Pure; used
// by one thread.
class AnswerHead {
 public:
  enum class Verdict {
    more,       // the head goes on
    complete,   // this line ended the final head, or came after it
    too_large,  // beyond limits::answer_head_*
    malformed,  // not HTTP/1.x, ambiguous framing, or an encoding that was not asked for
  };

  // One line with or without its line end. Once it has refused, it refuses for ever.
  Verdict add_line(std::string_view line);

  bool is_complete() const noexcept { return complete_; }
  const HttpHead& head() const noexcept { return head_; }  // whole once complete

  // False: both Content-Length and Transfer-Encoding were there. The body is read as chunked (RFC 9112, 6.3),
  // but whoever wrote that cannot be trusted with a second request.
  bool is_connection_reusable() const noexcept { return !(length_ && chunked_); }

 private:
  Verdict judge_line(std::string_view line);
  Verdict start(std::string_view status_line);
  Verdict add_field(std::string_view line);
  Verdict finish();
  bool note_framing(std::string_view name, std::string_view value);

  HttpHead head_{};
  std::optional<std::string> length_{};  // the value of Content-Length
  bool chunked_ = false, started_ = false, complete_ = false;
  std::size_t bytes_ = 0, lines_ = 0;
  Verdict refusal_ = Verdict::more;  // more: none yet
};

}  // namespace airouter::transport
