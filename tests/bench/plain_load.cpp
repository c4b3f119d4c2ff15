#include "plain_load.h"

#include <array>
#include <cerrno>
#include <cstdio>
#include <random>
#include <string>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <vector>

#include "message_reader.h"
#include "process_watch.h"
#include "socket.h"

namespace bench {
namespace {

// An answer that takes longer has got lost. Counted in waits, as a machine may stand still.
constexpr int wait_ms = 10, silent_waits_max = 2000;

class PlainLoad {
 public:
  explicit PlainLoad(const PlainLoadOptions& options);
  bool run();

 private:
  enum class Fate { answer, abort_at_once, abort_at_first_byte };
  struct Client {
    Fd fd{};
    MessageReader reader{};
    std::int64_t asked_at_ns = 0;
    Fate fate = Fate::answer;
    bool is_stream = false;
  };

  void ask(std::size_t index);
  void connect(std::size_t index);
  void receive(std::size_t index);
  void finish(std::size_t index);
  void fail(std::size_t index, const char* why);
  bool is_over(std::int64_t now);
  void begin_counting(std::int64_t now);
  void sample(std::int64_t now);
  bool report();

  const PlainLoadOptions& options_;
  const std::string plain_request_, stream_request_;
  ProcessWatch watch_;
  Poller poller_{};
  std::vector<Client> clients_;
  std::minstd_rand random_{1};

  std::vector<std::int64_t> latencies_ns_{};
  std::int64_t asked_ = 0, answered_ = 0, aborted_ = 0, errors_ = 0;
  std::int64_t started_at_ = 0, counting_since_ = 0, cpu_before_ = 0, counted_ = 0, sampled_at_ = 0;
  int silent_waits_ = 0;
};

PlainLoad::PlainLoad(const PlainLoadOptions& options)
    : options_(options),
      plain_request_(request_for(options.target, options.target.model, false)),
      stream_request_(request_for(options.target, options.stream_model, true)),
      watch_(options.target.process),
      clients_(static_cast<std::size_t>(options.connections)) {}

void PlainLoad::connect(std::size_t index) {
  Client& client = clients_[index];
  client.fd = connect_to(options_.target.port);
  if (!client.fd.is_open()) give_up("connect");
  poller_.add(client.fd.get(), index, EPOLLIN);
}

void PlainLoad::ask(std::size_t index) {
  const auto percent = [this] { return static_cast<int>(random_() % 100); };
  for (;;) {
    Client& client = clients_[index];
    if (options_.requests > 0 && asked_ >= options_.requests) return client.fd.reset();
    ++asked_;
    if (!client.fd.is_open()) connect(index);
    client.reader.reset();
    client.is_stream = options_.stream_percent > 0 && percent() < options_.stream_percent;
    client.fate = Fate::answer;
    if (options_.abort_percent > 0 && percent() < options_.abort_percent)
      client.fate = percent() < 50 ? Fate::abort_at_once : Fate::abort_at_first_byte;
    const std::string& request = client.is_stream ? stream_request_ : plain_request_;
    client.asked_at_ns = now_ns();
    const auto sent = ::send(client.fd.get(), request.data(), request.size(), MSG_NOSIGNAL);
    if (sent != static_cast<ssize_t>(request.size())) return fail(index, "request not sent");
    if (client.fate != Fate::abort_at_once) return;
    ++aborted_;
    client.fd.reset();
  }
}

void PlainLoad::fail(std::size_t index, const char* why) {
  if (errors_++ < 3) {
    const std::string head = clients_[index].reader.head();
    std::fprintf(stderr, "bench_load: %s: %.200s\n", why, head.c_str());
  }
  clients_[index].fd.reset();
}

void PlainLoad::receive(std::size_t index) {
  Client& client = clients_[index];
  std::array<char, 16 * 1024> bytes;
  const auto count = ::recv(client.fd.get(), bytes.data(), bytes.size(), 0);
  if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (count <= 0) {
    client.reader.end_of_connection();
  } else {
    client.reader.feed({bytes.data(), static_cast<std::size_t>(count)});
    if (client.fate == Fate::abort_at_first_byte) {
      ++aborted_;
      client.fd.reset();
      return ask(index);
    }
  }
  if (client.reader.is_whole()) return finish(index);
  if (client.reader.is_bad()) {
    fail(index, count <= 0 ? "connection ended before the answer" : "answer is no HTTP");
    ask(index);
  }
}

void PlainLoad::finish(std::size_t index) {
  Client& client = clients_[index];
  const bool is_good =
      client.is_stream ? client.reader.status() == 200 && client.reader.body().ends_with("data: [DONE]\n\n")
                       : is_expected_answer(client.reader.status(), client.reader.body());
  if (is_good) {
    ++answered_;
    if (counting_since_ != 0 && options_.requests == 0)
      latencies_ns_.push_back(now_ns() - client.asked_at_ns);
  } else {
    fail(index, "unexpected answer");
  }
  if (header_value(client.reader.head(), "connection") == "close") client.fd.reset();
  ask(index);
}

void PlainLoad::begin_counting(std::int64_t now) {
  counting_since_ = now;
  counted_ = -answered_;
  cpu_before_ = watch_.cpu_ns();
}

bool PlainLoad::is_over(std::int64_t now) {
  if (silent_waits_ > silent_waits_max) {
    std::fprintf(stderr, "bench_load: no answer in %d s\n", silent_waits_max * wait_ms / 1000);
    ++errors_;
    return true;
  }
  if (options_.requests > 0) return answered_ + aborted_ + errors_ >= options_.requests;
  return counting_since_ != 0 && static_cast<double>(now - counting_since_) >= options_.seconds * ns_per_s;
}

void PlainLoad::sample(std::int64_t now) {
  if (static_cast<double>(now - sampled_at_) < options_.sample_every_s * ns_per_s) return;
  sampled_at_ = now;
  const ProcessWatch::Size size = watch_.size();
  const std::int64_t done = answered_ + aborted_;
  std::printf("sample %lld %lld %lld %lld\n", static_cast<long long>(done),
              static_cast<long long>(size.rss_anonymous_kib), static_cast<long long>(size.descriptors),
              static_cast<long long>(size.threads));
}

bool PlainLoad::run() {
  started_at_ = now_ns();
  latencies_ns_.reserve(1'000'000);
  if (options_.requests > 0) begin_counting(started_at_);
  for (std::size_t i = 0; i < clients_.size(); ++i)
    ask(i);
  std::array<epoll_event, 256> events{};
  for (;;) {
    const std::int64_t now = now_ns();
    if (counting_since_ == 0 && static_cast<double>(now - started_at_) >= options_.warm_up_s * ns_per_s)
      begin_counting(now);
    if (options_.sample_every_s > 0) sample(now);
    if (is_over(now)) return report();
    const int count = ::epoll_wait(poller_.get(), events.data(), static_cast<int>(events.size()), wait_ms);
    silent_waits_ = count > 0 ? 0 : silent_waits_ + 1;
    for (int i = 0; i < count; ++i)
      receive(events[static_cast<std::size_t>(i)].data.u64);
  }
}

bool PlainLoad::report() {
  const std::int64_t cpu_ns = watch_.cpu_ns() - cpu_before_;
  const double seconds = static_cast<double>(now_ns() - counting_since_) / ns_per_s;
  counted_ += answered_;
  const auto requests = static_cast<double>(counted_);
  print_figure("requests", requests);
  print_figure("requests_per_s", requests / seconds);
  if (options_.target.process > 0)
    print_figure("cpu_us_per_request", static_cast<double>(cpu_ns) / ns_per_us / requests);
  if (options_.requests == 0) {
    print_figure("p50_us", static_cast<double>(percentile(latencies_ns_, 0.5)) / ns_per_us);
    print_figure("p99_us", static_cast<double>(percentile(latencies_ns_, 0.99)) / ns_per_us);
  }
  if (aborted_ > 0) print_figure("aborted", static_cast<double>(aborted_));
  print_figure("errors", static_cast<double>(errors_));
  return errors_ == 0 && counted_ > 0;
}

}  // namespace

bool run_plain_load(const PlainLoadOptions& options) {
  return PlainLoad(options).run();
}

}  // namespace bench
