#include "stream_load.h"

#include <array>
#include <cerrno>
#include <cstdio>
#include <string>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <vector>

#include "message_reader.h"
#include "process_watch.h"
#include "socket.h"

namespace bench {
namespace {

// If nothing is heard for so long, what is still open has got lost. Counted in waits, as a machine may stand
// still.
constexpr int wait_ms = 100, silent_waits_max = 150;

// So many streams say how they failed; the others are counted.
constexpr int complaints_max = 3;

class StreamLoad {
 public:
  explicit StreamLoad(const StreamLoadOptions& options);
  bool run();

 private:
  struct Stream {
    Fd fd{};
    MessageReader reader{};
    std::int64_t asked_at_ns = 0;
    int next_number = 0;
    int received = 0;
    bool has_ended_well = false;
  };
  // The time in which every stream runs.
  struct Window {
    std::int64_t began_at = 0, cpu_at_begin = 0, ended_at = 0, cpu_at_end = 0, events = 0;
    bool is_open() const { return began_at != 0 && ended_at == 0; }
  };

  void open_due_streams(std::int64_t now);
  void open(std::size_t index);
  void receive(std::size_t index);
  void take_events(Stream& stream);
  void take_event(Stream& stream, std::string_view event);
  void close(Stream& stream);
  void open_window();
  void close_window();
  bool report();

  const StreamLoadOptions& options_;
  const std::string request_;
  ProcessWatch watch_;
  Poller poller_{};
  std::vector<Stream> streams_;
  Window window_{};
  ProcessWatch::Size size_{};
  std::vector<std::int64_t> lateness_ns_{}, first_event_ns_{};
  std::size_t opened_ = 0, closed_ = 0, speaking_ = 0;
  std::int64_t started_at_ = 0, out_of_order_ = 0;
  int complaints_ = 0;
};

std::string stream_model(const StreamLoadOptions& options) {
  return "stream-" + std::to_string(options.rate) + "x" + std::to_string(options.events);
}

StreamLoad::StreamLoad(const StreamLoadOptions& options)
    : options_(options),
      request_(request_for(options.target, stream_model(options), true)),
      watch_(options.target.process),
      streams_(static_cast<std::size_t>(options.streams)) {}

void StreamLoad::open_due_streams(std::int64_t now) {
  const double step_ns = options_.ramp_s * ns_per_s / options_.streams;
  while (opened_ < streams_.size() &&
         static_cast<double>(now - started_at_) >= static_cast<double>(opened_) * step_ns)
    open(opened_++);
}

void StreamLoad::open(std::size_t index) {
  Stream& stream = streams_[index];
  stream.fd = connect_to(options_.target.port);
  if (!stream.fd.is_open()) give_up("connect");
  poller_.add(stream.fd.get(), index, EPOLLIN);
  stream.asked_at_ns = now_ns();
  const auto sent = ::send(stream.fd.get(), request_.data(), request_.size(), MSG_NOSIGNAL);
  if (sent != static_cast<ssize_t>(request_.size())) close(stream);
}

void StreamLoad::close(Stream& stream) {
  close_window();
  stream.fd.reset();
  ++closed_;
}

void StreamLoad::receive(std::size_t index) {
  Stream& stream = streams_[index];
  std::array<char, 16 * 1024> bytes;
  const auto count = ::recv(stream.fd.get(), bytes.data(), bytes.size(), 0);
  if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (count <= 0) {
    stream.reader.end_of_connection();
  } else {
    stream.reader.feed({bytes.data(), static_cast<std::size_t>(count)});
  }
  if (stream.reader.has_head() && stream.reader.status() == 200) take_events(stream);
  if (stream.reader.is_whole() || stream.reader.is_bad()) {
    if (!stream.has_ended_well && complaints_++ < complaints_max)
      std::fprintf(stderr, "bench_load: stream %zu ended after %d events: %.300s%.200s\n", index,
                   stream.received, stream.reader.head().c_str(), stream.reader.body().c_str());
    close(stream);
  }
}

void StreamLoad::take_events(Stream& stream) {
  std::string& body = stream.reader.body();
  std::size_t begin = 0;
  for (std::size_t end = 0; (end = body.find("\n\n", begin)) != std::string::npos; begin = end + 2)
    take_event(stream, std::string_view(body).substr(begin, end - begin));
  body.erase(0, begin);
}

void StreamLoad::take_event(Stream& stream, std::string_view event) {
  constexpr std::string_view mark = R"("content":"@)", spaced_mark = R"("content": "@)";
  if (event == "data: [DONE]") {
    stream.has_ended_well = stream.next_number == options_.events;
    return;
  }
  auto at = event.find(mark);
  if (at != std::string_view::npos) {
    at += mark.size();
  } else if (at = event.find(spaced_mark); at != std::string_view::npos) {
    at += spaced_mark.size();
  } else {
    return;
  }
  const std::int64_t now = now_ns();
  int number = 0;
  long long sent_at = 0;
  if (std::sscanf(std::string(event.substr(at, 26)).c_str(), "%d %lld", &number, &sent_at) != 2) return;
  if (number != stream.next_number) ++out_of_order_;
  stream.next_number = number + 1;
  if (++stream.received == 1) {
    first_event_ns_.push_back(now - stream.asked_at_ns);
    if (++speaking_ == streams_.size()) open_window();
  }
  if (!window_.is_open()) return;
  ++window_.events;
  lateness_ns_.push_back(now - sent_at);
}

void StreamLoad::open_window() {
  if (window_.began_at != 0 || closed_ > 0) return;
  window_.began_at = now_ns();
  window_.cpu_at_begin = watch_.cpu_ns();
}

void StreamLoad::close_window() {
  if (!window_.is_open()) return;
  window_.cpu_at_end = watch_.cpu_ns();
  window_.ended_at = now_ns();
  size_ = watch_.size();
}

bool StreamLoad::run() {
  watch_.forget_peak();
  started_at_ = now_ns();
  std::array<epoll_event, 256> events{};
  for (int silent_waits = 0; closed_ < streams_.size() && silent_waits < silent_waits_max; ++silent_waits) {
    open_due_streams(now_ns());
    const bool is_opening = opened_ < streams_.size();
    const int count =
        ::epoll_wait(poller_.get(), events.data(), static_cast<int>(events.size()), is_opening ? 1 : wait_ms);
    if (count > 0 || is_opening) silent_waits = 0;
    for (int i = 0; i < count; ++i)
      receive(events[static_cast<std::size_t>(i)].data.u64);
  }
  if (closed_ < streams_.size())
    std::fprintf(stderr, "bench_load: %zu streams are still open\n", streams_.size() - closed_);
  close_window();
  return report();
}

bool StreamLoad::report() {
  std::int64_t received = 0, broken = 0;
  for (const Stream& stream : streams_) {
    received += stream.received;
    if (!stream.has_ended_well) ++broken;
  }
  const std::int64_t lost = static_cast<std::int64_t>(options_.streams) * options_.events - received;
  print_figure("events", static_cast<double>(received));
  print_figure("events_lost", static_cast<double>(lost));
  print_figure("events_out_of_order", static_cast<double>(out_of_order_));
  print_figure("streams_broken", static_cast<double>(broken));
  print_figure("first_event_p50_us", static_cast<double>(percentile(first_event_ns_, 0.5)) / ns_per_us);
  if (window_.events > 0) {
    const double cpu_ns = static_cast<double>(window_.cpu_at_end - window_.cpu_at_begin);
    const auto span_ns = static_cast<double>(window_.ended_at - window_.began_at);
    print_figure("events_per_s", static_cast<double>(window_.events) * ns_per_s / span_ns);
    print_figure("late_p50_us", static_cast<double>(percentile(lateness_ns_, 0.5)) / ns_per_us);
    print_figure("late_p99_us", static_cast<double>(percentile(lateness_ns_, 0.99)) / ns_per_us);
    print_figure("late_max_us", static_cast<double>(percentile(lateness_ns_, 1)) / ns_per_us);
    if (options_.target.process > 0) {
      print_figure("cpu_us_per_event", cpu_ns / ns_per_us / static_cast<double>(window_.events));
      print_figure("cpu_percent", 100 * cpu_ns / span_ns);
      print_figure("rss_peak_mb", megabytes(size_.rss_peak_kib));
      print_figure("rss_anonymous_mb", megabytes(size_.rss_anonymous_kib));
      print_figure("threads", static_cast<double>(size_.threads));
    }
  }
  return lost == 0 && out_of_order_ == 0 && broken == 0;
}

}  // namespace

bool run_stream_load(const StreamLoadOptions& options) {
  return StreamLoad(options).run();
}

}  // namespace bench
