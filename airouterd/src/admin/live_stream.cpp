#include "admin/live_stream.h"

#include <array>
#include <poll.h>

namespace airouterd::admin {
namespace {

constexpr std::string_view keepalive_comment = ": keep-alive\n\n";
constexpr int keepalive_milliseconds = 15'000;

// Without descriptors to wait for, it looks this often.
constexpr int look_milliseconds = 200;

void append_gap(std::string& to, const store::LiveRing::Watcher::News& news, bool is_of_records) {
  const std::uint64_t missed = is_of_records ? news.missed_records : news.missed_items;
  if (is_of_records && missed == 0 && news.missed_items > 0) return;  // they were for others
  to.append("event: dropped\ndata: {\"count\":").append(missed == 0 ? "null" : std::to_string(missed));
  to.append("}\n\n");
}

}  // namespace

bool LiveStream::run(http::Sink& sink) {
  if (!sink.write({})) return false;  // the head goes out before anything happens
  auto last_sign = std::chrono::steady_clock::now();
  for (std::string text;; text.clear()) {
    const auto news = watcher_->take();
    if (news.has_gap) append_gap(text, news, is_of_records_);
    for (const store::LiveItem& item : news.items)
      append_event_(text, item);
    const auto now = std::chrono::steady_clock::now();
    if (text.empty() && now - last_sign >= std::chrono::milliseconds(keepalive_milliseconds))
      text = keepalive_comment;
    if (!text.empty()) {
      last_sign = now;
      if (!sink.write(text)) return false;
    }
    if (client_.triggered()) return false;
    if (news.is_over) return true;
    wait();
  }
}

void LiveStream::wait() const noexcept {
  std::array<pollfd, 2> fds{pollfd{watcher_->wait_fd(), POLLIN, 0}, pollfd{client_.wait_fd(), POLLIN, 0}};
  const bool has_fds = fds[0].fd >= 0 && fds[1].fd >= 0;
  ::poll(fds.data(), fds.size(), has_fds ? keepalive_milliseconds : look_milliseconds);
}

}  // namespace airouterd::admin
