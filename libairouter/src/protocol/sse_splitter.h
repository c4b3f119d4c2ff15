#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace airouter::protocol {

// Cuts a byte stream into server-sent events, by the rules of the WHATWG's event stream: CR, LF and CRLF, a
// byte order mark, comments, several data lines. It differs in three points, so that what comes out can be
// relayed as one `data:` line an event: data lines are joined by a blank, events whose data is blank are
// dropped, and of all other fields only `event` is kept. Used by one thread. Linear in the bytes, however
// they are cut. Holds one event and what was fed since the last event was taken, so take all events after
// each feed.
class SseSplitter {
 public:
  struct Event {
    std::string_view data, name;  // a name over 32 bytes is cut
  };

  void feed(std::string_view bytes);

  // The next whole event, valid until the next feed or next; nothing: feed more.
  std::optional<Event> next();

  // The upstream has ended: an event whose data is whole and that lacks only its blank line counts, too.
  // Whole is data that a line end, or its own JSON, closes. Call next() once more.
  void finish() { finished_ = true; }

  // An event passed limits::sse_event_bytes_max; nothing more comes.
  bool overflowed() const noexcept { return overflowed_; }

  // How many bytes are held, of an unfinished event and of what was fed and not looked at.
  std::size_t held_bytes() const noexcept { return data_.size() + input_.size() - at_; }

  // Bytes of an unfinished event are held. Meaningful once next() has returned nothing.
  bool has_partial() const noexcept;

 private:
  enum class Field { unknown, data, event, ignored };

  void skip_byte_order_mark();
  bool take_byte();  // false: a blank line ended an event
  void end_line();
  void end_field_name();  // a colon or a line end followed it
  void take_value();
  void append(std::string_view data);
  bool is_closed() const;
  std::optional<Event> hand_out();
  void clear_event();

  std::string input_{};  // fed, and looked at up to at_
  std::size_t at_ = 0;

  std::string field_name_{};      // while field_ is unknown
  Field field_ = Field::unknown;  // of the line that is being read
  bool in_line_ = false;          // the line has bytes
  bool in_value_ = false;         // the line's colon has come
  bool skip_blank_ = false;       // the next byte is dropped if it is a blank
  bool skip_lf_ = false;          // the next byte is dropped if it is the LF of a CRLF
  int mark_bytes_ = 0;            // of the byte order mark, so far; -1: past it

  std::string data_{}, name_{};  // of the event that is being read
  bool has_data_ = false;        // also if the data is empty so far
  bool handed_out_ = false;      // data_ and name_ belong to the last event
  bool overflowed_ = false, finished_ = false;
};

}  // namespace airouter::protocol
