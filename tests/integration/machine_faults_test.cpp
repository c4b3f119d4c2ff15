#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <netinet/in.h>
#include <optional>
#include <poll.h>
#include <string>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>
#include <vector>

#include "demo/chat_scripts.h"
#include "demo/scripted_provider.h"
#include "integration/admin_client.h"
#include "integration/crowd.h"
#include "integration/gateway.h"
#include "integration/tls_front.h"
#include "support/catch.h"
#include "support/paths.h"

// A machine that is short of something, or that stops for a while.
namespace {

using namespace airouterd::demo;
using namespace gateway;

// Answers "Hi" after this time, streamed or not.
auto answering_after(milliseconds delay) {
  return [delay](const ReceivedRequest& request, int) {
    return Script().pause(delay).then(chat(request, {"Hi"}));
  };
}

// Says a word, then another one after each of these pauses.
auto speaking(std::vector<milliseconds> pauses) {
  return [pauses = std::move(pauses)](const ReceivedRequest& request, int) {
    const std::string model = requested_model(request.body);
    Script script = sse_open({content_chunk(model, "word ")});
    for (const milliseconds pause : pauses)
      script = script.pause(pause).send(chunk(event(content_chunk(model, "word "))));
    return script.send(chunk(event(finish_chunk(model)) + event("[DONE]")) + chunk(""));
  };
}

// A build with sanitizers would not start behind a preloaded library.
std::string lenient_sanitizer() {
  const char* options = std::getenv("ASAN_OPTIONS");
  return std::string("ASAN_OPTIONS=") + (options != nullptr ? options : "") + ":verify_asan_link_order=0";
}

// An airouterd whose accepting fails while there is a file "no-accept", and whose threads cannot be created
// while there is one "no-threads".
class PoorGateway {
 public:
  explicit PoorGateway(const std::vector<Entry>& entries, const std::string& more = {})
      : daemon(entries, more, "en",
               {{},
                {"LD_PRELOAD=" + failing_calls_library(), "AIROUTER_FAIL_ACCEPT=" + folder_.file("no-accept"),
                 "AIROUTER_FAIL_THREADS=" + folder_.file("no-threads"), lenient_sanitizer()},
                0}) {}

  void set(const std::string& file, bool is_failing, const std::string& error = {}) {
    if (is_failing) {
      folder_.write(file, error);
    } else {
      std::filesystem::remove(folder_.file(file));
    }
  }

 private:
  TempFolder folder_{};

 public:
  Gateway daemon;
};

// A way to a port that takes no connection until it is told to, and then one.
class CrowdedWay {
 public:
  explicit CrowdedWay(int to) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)), to_(to) {
    sockaddr_in place = loopback(0);
    REQUIRE(::bind(fd_, reinterpret_cast<sockaddr*>(&place), sizeof place) == 0);
    REQUIRE(::listen(fd_, 0) == 0);
    socklen_t size = sizeof place;
    REQUIRE(::getsockname(fd_, reinterpret_cast<sockaddr*>(&place), &size) == 0);
    port_ = ntohs(place.sin_port);
    // Who comes when the backlog is full has to knock again, a second later.
    for (int& waiting : waiting_) {
      waiting = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
      ::connect(waiting, reinterpret_cast<const sockaddr*>(&place), sizeof place);
    }
  }
  ~CrowdedWay() {
    ::shutdown(fd_, SHUT_RDWR);
    if (thread_.joinable()) thread_.join();
    ::close(fd_);
  }
  CrowdedWay(const CrowdedWay&) = delete;
  CrowdedWay& operator=(const CrowdedWay&) = delete;

  int port() const { return port_; }

  void open_up() {
    for (const int waiting : waiting_)
      ::close(waiting);
    thread_ = std::thread([this] {
      for (bool is_served = false; !is_served;) {
        const int client = ::accept(fd_, nullptr, nullptr);
        if (client < 0) return;
        is_served = serve(client);
        ::close(client);
      }
    });
  }

 private:
  static sockaddr_in loopback(int port) {
    sockaddr_in place{};
    place.sin_family = AF_INET;
    place.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    place.sin_port = htons(static_cast<in_port_t>(port));
    return place;
  }

  static bool pass_on(int from, int to) {
    std::array<char, 16384> bytes{};
    const auto got = ::recv(from, bytes.data(), bytes.size(), 0);
    return got > 0 && ::send(to, bytes.data(), static_cast<std::size_t>(got), MSG_NOSIGNAL) == got;
  }

  // False: it was one of those that only waited.
  bool serve(int client) const {
    char byte = 0;
    if (::recv(client, &byte, 1, MSG_PEEK) <= 0) return false;
    const sockaddr_in place = loopback(to_);
    const int server = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ::connect(server, reinterpret_cast<const sockaddr*>(&place), sizeof place);
    std::array<pollfd, 2> ends{{{client, POLLIN, 0}, {server, POLLIN, 0}}};
    while (::poll(ends.data(), ends.size(), 10'000) > 0) {
      if (ends[0].revents != 0 && !pass_on(client, server)) break;
      if (ends[1].revents != 0 && !pass_on(server, client)) break;
    }
    ::close(server);
    return true;
  }

  const int fd_, to_;
  int port_ = 0;
  std::array<int, 3> waiting_{};
  std::thread thread_{};
};

// The processor time that a process takes while this time passes: more than a fifth of it is a busy loop.
double share_of_processor(const ChildProcess& process, milliseconds time) {
  const milliseconds before = process.processor_time();
  const auto begin = steady_clock::now();
  std::this_thread::sleep_for(time);
  const auto passed = std::chrono::duration_cast<milliseconds>(steady_clock::now() - begin);
  return static_cast<double>((process.processor_time() - before).count()) /
         static_cast<double>(passed.count());
}

constexpr double idle_share_max = 0.2;

}  // namespace

TEST_CASE("with 64 descriptors a small server serves, refuses in peace and comes back", "[machine][daemon]") {
  ScriptedProvider limited(chat_error(429, "slow down", "", "", {{"retry-after", "1"}})),
      good(answering_after(1s));
  Gateway daemon({{"limited", limited.base_url(), always_first}, {"good", good.base_url()}},
                 R"("cooldown":{"rate_limited":0,"honor_retry_after":false})", "en", {{}, {}, 64});
  CHECK(daemon.process().output().find("[CONFIG] Connections at most: 1\n") != std::string::npos);
  const std::string config = AdminClient(daemon).get("/api/config").body;
  CHECK(member_of(config, {"config", "max_connections"}) + " by " +
            member_of(config, {"sources", "/max_connections"}) ==
        "1 by open files");
  for (int i = 0; i < 2; ++i)
    CHECK(comes_true([&] { return outcome_of(daemon.ask(i % 2 == 0)).starts_with("200 'Hi"); }));

  // There is room once the one before has gone.
  std::optional<RawClient> inside;
  const int before = good.request_count();
  REQUIRE(comes_true([&] {
    inside.reset();
    inside.emplace(daemon.port()).send(chat_request(chat_body()));
    return good.wait_for([&] { return good.request_count() > before; }, 500ms);
  }));
  std::vector<RawClient> crowd;
  for (int i = 0; i < 200; ++i)
    crowd.emplace_back(daemon.port());
  CHECK(daemon.get("/health").status == 200);
  CHECK(share_of_processor(daemon.process(), 500ms) < idle_share_max);
  for (RawClient& client : crowd)
    REQUIRE(client.read_answer().status == 503);
  crowd.clear();
  CHECK(inside->read_answer().status == 200);
  inside.reset();
  CHECK(comes_true([&] { return outcome_of(daemon.ask(false)) == "200 'Hi' by good after 2"; }));
  CHECK(daemon.health("good") == "healthy");
}

TEST_CASE("without a descriptor left for a provider the call fails, and no provider is blamed",
          "[machine][daemon]") {
  // UndefinedBehaviorSanitizer takes a pipe to look at an object; without one it finds fault with every
  // object.
  if (is_address_sanitized) return;
  ScriptedProvider provider(saying({"Hi"}));
  bool has_failed = false, has_served = false;
  // How many a process begins with depends on the machine.
  for (unsigned long descriptors = 12; descriptors < 40 && !has_served; ++descriptors) {
    INFO(descriptors);
    Gateway daemon({{"only", provider.base_url()}}, R"("max_retries":1)", "en", {{}, {}, descriptors});
    const RawAnswer answer = daemon.ask(false);
    has_served = answer.status == 200;
    if (has_served) break;
    has_failed = true;
    CHECK(outcome_of(answer).starts_with("503 '[error "));
    CHECK(daemon.health("only") == "healthy");
  }
  CHECK(has_failed);
  CHECK(has_served);
}

TEST_CASE("accepting goes on whatever error it meets, without spinning", "[machine][daemon]") {
  ScriptedProvider provider(answering_after(300ms));
  PoorGateway machine({{"only", provider.base_url()}});
  RawClient inside(machine.daemon.port());
  inside.send(raw_request("GET", "/health"));
  REQUIRE(inside.read_answer().status == 200);  // it has been accepted
  // One error after the other, and one that the library of the server does not pause after.
  for (const std::string& error : {std::string(), std::to_string(ENFILE)}) {
    inside.send(chat_request(chat_body()));
    machine.set("no-accept", true, error);
    // An accept that waits already is not touched: it may take the first one.
    RawClient first(machine.daemon.port()), waiting(machine.daemon.port());
    first.send(raw_request("GET", "/health"));
    waiting.send(raw_request("GET", "/health"));
    CHECK(!waiting.read_head(50ms));
    CHECK(share_of_processor(machine.daemon.process(), 1s) < idle_share_max);
    CHECK(outcome_of(inside.read_answer()) == "200 'Hi' by only after 1");
    machine.set("no-accept", false);
    CHECK(first.read_answer(2s).status == 200);
    CHECK(waiting.read_answer(2s).status == 200);
  }
  CHECK(outcome_of(machine.daemon.ask(false)) == "200 'Hi' by only after 1");
}

TEST_CASE("without threads to have, new clients are refused and those inside are served",
          "[machine][daemon]") {
  ScriptedProvider provider(saying({"Hi"}));
  PoorGateway machine({{"only", provider.base_url()}});
  Gateway& daemon = machine.daemon;
  RawClient inside(daemon.port());
  inside.send(raw_request("GET", "/health"));
  REQUIRE(inside.read_answer().status == 200);
  // Threads that have been made are used again: only these are there.
  std::vector<RawClient> crowd;
  machine.set("no-threads", true);
  int served = 0, refused = 0;
  for (int i = 0; i < 50; ++i) {
    RawClient& client = crowd.emplace_back(daemon.port());
    client.send(chat_request(chat_body()));
    const RawAnswer answer = client.read_answer(2s);
    if (answer.status == 200) {
      ++served;
    } else {
      ++refused;
      REQUIRE(outcome_of(answer) == "503 '[error too_many_connections]'");
      REQUIRE(answer.header("retry-after") == "1");
    }
  }
  CHECK(refused >= 45);
  inside.send(chat_request(chat_body()));
  CHECK(outcome_of(inside.read_answer()) == "200 'Hi' by only after 1");
  CHECK(share_of_processor(daemon.process(), 300ms) < idle_share_max);
  machine.set("no-threads", false);
  CHECK(outcome_of(daemon.ask(false)) == "200 'Hi' by only after 1");
  CHECK(daemon.get("/health").status == 200);
}

TEST_CASE("a name that cannot be looked up for want of a thread is no provider's fault",
          "[machine][daemon]") {
  PoorGateway machine({{"named", "http://name.invalid/v1"}}, R"("cooldown":{"network_error":0})");
  Gateway& daemon = machine.daemon;
  RawClient client(daemon.port());
  client.send(raw_request("GET", "/health"));
  REQUIRE(client.read_answer().status == 200);
  machine.set("no-threads", true);
  client.send(chat_request(chat_body()));
  CHECK(outcome_of(client.read_answer()) == "503 '[error overloaded]' after 1");
  machine.set("no-threads", false);
  CHECK(daemon.health("named") == "healthy");
}

TEST_CASE("an airouterd that cannot have its first threads says so and ends", "[machine][daemon]") {
  const TempFolder folder;
  const std::string file = folder.write("config.json", config_text({}));
  ChildProcess process(
      airouterd_program(), {"-c", file, "--port", "0"},
      {{},
       {"LD_PRELOAD=" + failing_calls_library(), "AIROUTER_FAIL_THREADS=" + file, lenient_sanitizer()},
       0});
  CHECK(process.wait(5s) == 1);
  CHECK(process.errors().find("cannot start a thread") != std::string::npos);
}

TEST_CASE("a process that is stopped for five seconds loses nothing and blames nobody", "[machine][daemon]") {
  // All of this happens while nobody looks, and would be too late for a clock of two seconds.
  ScriptedProvider talking(speaking({1s, 1s, 1s, 1s, 1s, 1s})), thinking(answering_after(1500ms)),
      other(saying({"other"}));
  Gateway daemon({{"talking", talking.base_url(), 1, R"(["talk"])"},
                  {"thinking", thinking.base_url(), 1, R"(["think"])"},
                  {"other", other.base_url(), 1, R"(["other"])"}},
                 R"("timeouts":{"connect":2,"first_output":2,"idle":2})");
  std::vector<RawClient> streams, answers, idle;
  for (int i = 0; i < 10; ++i) {
    streams.emplace_back(daemon.port()).send(chat_request(chat_body(true, "talk")));
    answers.emplace_back(daemon.port()).send(chat_request(chat_body(i % 2 == 0, "think")));
    idle.emplace_back(daemon.port()).send(raw_request("GET", "/health"));
    CHECK(idle.back().read_answer().status == 200);
  }
  for (RawClient& stream : streams)
    REQUIRE((stream.read_head() && stream.read_until("word")));
  REQUIRE(thinking.wait_for([&] { return thinking.request_count() == 10; }, 5s));
  RawClient half(daemon.port());
  const std::string request = chat_request(chat_body(false, "other"));
  half.send(request.substr(0, 30));
  std::this_thread::sleep_for(50ms);

  daemon.process().signal(SIGSTOP);
  half.send(request.substr(30));
  RawClient late(daemon.port());
  late.send(chat_request(chat_body(false, "other")));
  std::this_thread::sleep_for(5s);
  const auto woken = steady_clock::now();
  daemon.process().signal(SIGCONT);

  for (RawClient* client : {&half, &late})
    CHECK(outcome_of(client->read_answer()) == "200 'other' by other after 1");
  for (RawClient& answer : answers)
    CHECK(outcome_of(answer.read_answer()).starts_with("200 'Hi"));
  CHECK(steady_clock::now() - woken < 1s);
  for (RawClient& stream : streams)
    CHECK(outcome_of(stream.read_answer()) ==
          "200 'word word word word word word word [DONE]' by talking after 1");
  for (RawClient& client : idle) {
    client.send(raw_request("GET", "/health"));
    CHECK(client.read_answer().status == 200);
  }
  CHECK(daemon.health("talking", "talk") == "healthy");
  CHECK(daemon.health("thinking", "think") == "healthy");
  CHECK(daemon.requests() == "total 22, ok 22, rescued 0, failed 0, cancelled 0");
}

TEST_CASE("a connection that is being made while the process is stopped blames nobody", "[machine][daemon]") {
  ScriptedProvider provider(saying({"Hi"}));
  const TlsFront front(provider.port(), {});
  CrowdedWay way(front.port());
  const TempFolder folder;
  front.write_certificate(folder.file("trusted.pem"));
  // The handshake has yet to be made when the time for it is over.
  Gateway daemon({{"only", "https://127.0.0.1:" + std::to_string(way.port()) + "/v1"}},
                 R"("timeouts":{"connect":2,"first_output":30})", "en",
                 {{}, {"SSL_CERT_FILE=" + folder.file("trusted.pem")}, 0});
  RawClient client(daemon.port());
  client.send(chat_request(chat_body()));
  std::this_thread::sleep_for(200ms);
  daemon.process().signal(SIGSTOP);
  way.open_up();
  std::this_thread::sleep_for(3500ms);
  daemon.process().signal(SIGCONT);
  CHECK(outcome_of(client.read_answer()) == "200 'Hi' by only after 1");
  CHECK(daemon.health("only") == "healthy");
}

TEST_CASE("two thousand requests that are given up leave nothing behind", "[machine][daemon]") {
  ScriptedProvider provider([](const ReceivedRequest& request, int) {
    if (!asks_for_stream(request.body)) return Script().hang();
    return sse_open({content_chunk(requested_model(request.body), "one")}).hang();
  });
  // Were one descriptor lost with each request, these would not last long.
  Gateway daemon({{"only", provider.base_url()}}, {}, "en", {{}, {}, 256});
  const auto abort_some = [&](int count) {
    for (int i = 0; i < count; ++i) {
      RawClient client(daemon.port());
      client.send(chat_request(chat_body(i % 2 == 0)));
      if (i % 2 == 0 && i % 3 != 0) REQUIRE(client.read_head());
      if (i % 5 == 0) client.reset();
    }
  };
  abort_some(50);
  CHECK(comes_true([&] { return provider.open_connections() == 0; }));
  const auto descriptors = daemon.process().descriptors();
  const long threads = daemon.process().threads();
  abort_some(2000);
  CHECK(comes_true([&] { return provider.open_connections() == 0; }));
  CHECK(provider.request_count() > 500);  // the others were too quick for that
  CHECK(daemon.process().threads() <= threads + 4);
  // Connections whose clients have gone take a moment to end.
  CHECK(comes_true([&] {
    const auto at_end = daemon.process().descriptors();
    return at_end.has_value() == descriptors.has_value() && (!at_end || *at_end <= *descriptors + 6);
  }));
  CHECK(daemon.get("/health").status == 200);
  CHECK(daemon.health("only") == "healthy");
}
