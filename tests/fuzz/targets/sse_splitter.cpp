// The bytes of an event stream. Claims:
// - cut into pieces in any way, the stream gives the same events;
// - they are the events that a plain reading of the whole gives, line by line;
// - an event can be written as one `data:` line: no line end in it, and not blank;
// - nothing is held that was not fed; an end adds at most one event: the one that a blank line would have
// ended,
//   where its data is known to be whole.
#include "protocol/sse_splitter.h"

#include <algorithm>

#include "base/text.h"
#include "fuzz.h"
#include "reference_json.h"

using airouter::protocol::SseSplitter;

namespace {

constexpr std::size_t name_bytes_max = 32;

struct Events {
  std::vector<std::string> list{};  // "name|data"
  bool has_partial = false;
};

std::string shown(std::string_view name, std::string_view data) {
  return std::string(name) + "|" + std::string(data);
}

std::string shown(const Events& events) {
  std::string all;
  for (const std::string& event : events.list)
    all += "<" + event + ">\n";
  return all + (events.has_partial ? "and a part" : "");
}

void take_events(SseSplitter& splitter, Events& events) {
  while (const auto event = splitter.next()) {
    fuzz::claim(event->data.find_first_of("\r\n") == std::string_view::npos, "an event holds no line end");
    fuzz::claim(!airouter::text::trim(event->data).empty(), "an event is not blank");
    fuzz::claim(event->name.size() <= name_bytes_max, "a name is cut");
    events.list.push_back(shown(event->name, event->data));
  }
}

Events split(std::string_view bytes, int way) {
  SseSplitter splitter;
  Events events;
  std::size_t fed = 0;
  for (const std::string_view piece : fuzz::cut(bytes, way)) {
    splitter.feed(piece);
    fed += piece.size();
    take_events(splitter, events);
    fuzz::claim(splitter.held_bytes() <= fed, "no more is held than was fed");
  }
  events.has_partial = splitter.has_partial();
  splitter.finish();
  const std::size_t before = events.list.size();
  take_events(splitter, events);
  fuzz::claim(events.list.size() <= before + 1, "an end adds at most one event");
  fuzz::claim(!splitter.next(), "nothing comes after the end");
  return events;
}

// The stream by the rules of the WHATWG and the three of the splitter, on the whole text at once.
class Plain {
 public:
  explicit Plain(std::string_view bytes) {
    if (bytes.starts_with("\xEF\xBB\xBF")) bytes.remove_prefix(3);
    while (!bytes.empty()) {
      const std::size_t end = bytes.find_first_of("\r\n");
      if (end == std::string_view::npos) break;
      line(bytes.substr(0, end));
      bytes.remove_prefix(end + (bytes.substr(end).starts_with("\r\n") ? 2 : 1));
    }
    last_line_ = bytes;
  }

  const std::vector<std::string>& events() const { return events_; }

  // Whether the end of the stream ends an event. Nothing: the last line may have been about to say more, and
  // either is right.
  std::optional<bool> ends_one() const {
    const std::string_view data_field = "data:";
    std::string data = data_;
    const bool is_data_line = last_line_.starts_with(data_field);
    if (is_data_line) data += (has_data_ ? " " : "") + std::string(value_of(last_line_.substr(5)));
    if (airouter::text::trim(data).empty()) return false;
    if (last_line_.empty()) return true;
    const std::string_view trimmed = airouter::text::trim(data);
    if (trimmed == "[DONE]" || reference::read_json(trimmed).is_valid) return true;
    if (is_data_line || data_field.starts_with(last_line_)) return false;
    return std::nullopt;
  }

 private:
  static std::string_view value_of(std::string_view after_colon) {
    return after_colon.substr(after_colon.starts_with(' ') ? 1 : 0);
  }

  void line(std::string_view text) {
    if (text.empty()) return blank_line();
    const std::size_t colon = std::min(text.find(':'), text.size());
    const std::string_view name = text.substr(0, colon);
    const std::string_view value = value_of(text.substr(std::min(colon + 1, text.size())));
    if (name == "data") {
      if (has_data_) data_ += " ";
      data_ += value;
      has_data_ = true;
    } else if (name == "event") {
      name_ = value.substr(0, name_bytes_max);
    }
  }

  void blank_line() {
    if (!airouter::text::trim(data_).empty()) events_.push_back(shown(name_, data_));
    data_.clear();
    name_.clear();
    has_data_ = false;
  }

  std::vector<std::string> events_{};
  std::string data_{}, name_{};
  bool has_data_ = false;
  std::string_view last_line_{};
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes = fuzz::text_of(data, size);
  const Events whole = split(bytes, 0);
  for (int way = 1; way < fuzz::ways_to_cut; ++way) {
    const Events pieces = split(bytes, way);
    fuzz::claim(shown(pieces) == shown(whole), "cutting the stream changes nothing",
                shown(whole) + "\nbut in pieces\n" + shown(pieces));
  }
  const Plain plain(bytes);
  const std::size_t ended = plain.events().size();
  const bool begins_so = whole.list.size() >= ended && whole.list.size() <= ended + 1 &&
                         std::equal(plain.events().begin(), plain.events().end(), whole.list.begin());
  fuzz::claim(begins_so, "the events are those of a plain reading", shown(whole));
  if (const auto ends_one = plain.ends_one())
    fuzz::claim(*ends_one == (whole.list.size() > ended), "an end ends what is whole, and nothing else",
                shown(whole));
  return 0;
}
