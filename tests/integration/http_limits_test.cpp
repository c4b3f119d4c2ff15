#include <memory>
#include <mutex>
#include <new>
#include <set>
#include <string>
#include <sys/resource.h>
#include <vector>

#include "http/worker_pool.h"
#include "integration/raw_http.h"

// Streams, and what happens when clients leave, hang or are too many.
using namespace raw_http;
using namespace airouterd::http;

namespace {

Reply text_reply(std::string body) {
  Reply reply;
  reply.headers.emplace_back("content-type", "text/plain");
  reply.body = std::move(body);
  return reply;
}

class FunctionStream final : public StreamBody {
 public:
  explicit FunctionStream(std::function<bool(Sink&)> run) : run_(std::move(run)) {}
  bool run(Sink& sink) override { return run_(sink); }

 private:
  std::function<bool(Sink&)> run_;
};

Reply stream_reply(std::function<bool(Sink&)> run) {
  Reply reply;
  reply.headers.emplace_back("content-type", "text/event-stream");
  reply.stream = std::make_unique<FunctionStream>(std::move(run));
  return reply;
}

// Lets threads of a test wait for each other.
class Gate {
 public:
  void open() { is_open_ = true; }
  bool wait() const {
    return comes_true([this] { return is_open_.load(); });
  }

 private:
  std::atomic<bool> is_open_{false};
};

// Blocks until the interrupt fires, for five seconds at most.
bool fires(airouter::Interrupt& interrupt) {
  pollfd entry{interrupt.wait_fd(), POLLIN, 0};
  return ::poll(&entry, 1, 5000) == 1 && interrupt.triggered();
}

}  // namespace

TEST_CASE("each write of a stream leaves at once", "[http][stream]") {
  Gate first, second;
  RunningServer server([&](Request&) {
    return stream_reply([&](Sink& sink) {
      return sink.write("data: 1\n\n") && first.wait() && sink.write("data: 2\n\n") && second.wait() &&
             sink.write("data: 3\n\n");
    });
  });
  Client client(server.port());
  client.send(get("/"));
  const auto head = client.until("\r\n\r\n");
  CHECK(has(head, "content-type: text/event-stream\r\n"));
  CHECK(has(head, "Transfer-Encoding: chunked\r\n"));
  CHECK_FALSE(has(head, "Content-Length"));
  CHECK(client.piece() == "9\r\ndata: 1\n\n\r\n");
  first.open();
  CHECK(client.piece() == "9\r\ndata: 2\n\n\r\n");
  second.open();
  CHECK(client.until("0\r\n\r\n") == "9\r\ndata: 3\n\n\r\n0\r\n\r\n");
  client.send(get("/"));
  CHECK(status_of(client.until("\r\n\r\n")) == "200");
}

TEST_CASE("an empty write sends the head alone", "[http][stream]") {
  Gate gate;
  RunningServer server([&](Request&) {
    return stream_reply([&](Sink& sink) { return sink.write("") && gate.wait() && sink.write("x"); });
  });
  Client client(server.port());
  client.send(get("/"));
  CHECK(has(client.until("\r\n\r\n"), "chunked"));
  gate.open();
  CHECK(client.until("0\r\n\r\n") == "1\r\nx\r\n0\r\n\r\n");
}

TEST_CASE("a cut stream does not look like a whole one", "[http][stream]") {
  const bool throws = GENERATE(false, true);
  RunningServer server([throws](Request&) {
    return stream_reply([throws](Sink& sink) {
      sink.write("part");
      if (throws) throw std::bad_alloc();
      return false;
    });
  });
  Client client(server.port());
  client.send(get("/"));
  const auto reply = client.all();
  CHECK(has(reply, "4\r\npart\r\n<end>"));
  Client old(server.port());
  old.send("GET / HTTP/1.0\r\n\r\n");
  CHECK(has(old.all(), "<reset>"));
}

TEST_CASE("HTTP/1.0 clients get a stream without chunks", "[http][stream]") {
  RunningServer server(
      [](Request&) { return stream_reply([](Sink& sink) { return sink.write("a") && sink.write("b"); }); });
  Client client(server.port());
  client.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  const auto reply = client.all();
  CHECK(has(reply, "Connection: close\r\n"));
  CHECK_FALSE(has(reply, "chunked"));
  CHECK(body_of(reply) == "ab<end>");
}

TEST_CASE("HEAD of a stream runs no stream", "[http][stream]") {
  std::atomic<int> runs{0};
  RunningServer server([&](Request&) {
    return stream_reply([&](Sink&) {
      ++runs;
      return true;
    });
  });
  Client client(server.port());
  client.send("HEAD / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  const auto reply = client.all();
  CHECK(status_of(reply) == "200");
  CHECK(has(reply, "event-stream"));
  CHECK_FALSE(has(reply, "Content-Length"));
  CHECK(body_of(reply) == "<end>");
  CHECK(runs == 0);
}

TEST_CASE("a client that leaves is noticed at once, before and after the first byte", "[http][interrupt]") {
  std::atomic<int> holding{0}, noticed{0};
  RunningServer server([&](Request& request) {
    if (request.path == "/sent-ahead") return text_reply("x");
    auto& interrupt = request.interrupt();
    if (request.path == "/before") {
      ++holding;
      noticed += fires(interrupt) ? 1 : 0;
      return text_reply("late");
    }
    return stream_reply([&](Sink& sink) {
      sink.write("first");
      ++holding;
      noticed += fires(interrupt) ? 1 : 0;
      return false;
    });
  });
  for (const std::string path : {"/before", "/after"}) {
    for (const bool is_half : {true, false}) {
      CAPTURE(path, is_half);
      const int before = noticed;
      holding = 0;
      Client client(server.port());
      client.send(get(path) + get("/sent-ahead"));
      REQUIRE(comes_true([&] { return holding == 1; }));
      std::this_thread::sleep_for(20ms);
      CHECK(noticed == before);
      const auto begin = std::chrono::steady_clock::now();
      if (is_half) {
        client.half_close();
      } else {
        client.close();
      }
      CHECK(comes_true([&] { return noticed == before + 1; }));
      CHECK(since(begin) < 100ms);
      client.close();
    }
  }
}

TEST_CASE("a reader that reads nothing is cut, and others are not", "[http][stream]") {
  auto options = any_port();
  options.write_timeout = 300ms;
  std::atomic<bool> is_cut{false};
  RunningServer server(
      [&](Request& request) {
        if (request.path == "/quick") return text_reply("quick");
        return stream_reply([&](Sink& sink) {
          const std::string piece(1000, 'x');
          while (sink.write(piece))
            continue;
          is_cut = !sink.write(piece) && !sink.write("");
          return true;
        });
      },
      options);
  Client client(server.port(), 4096);
  const auto begin = std::chrono::steady_clock::now();
  client.send(get("/"));
  Client other(server.port());
  CHECK(body_of(other.exchange(get("/quick"))) == "quick");
  CHECK(comes_true([&] { return is_cut.load(); }));
  CHECK(since(begin) > 250ms);
  CHECK(since(begin) < 3s);
  CHECK(comes_true([&] { return server.server().connections() == 1; }));
}

TEST_CASE("three hundred clients at once are all served soon", "[http][limits]") {
  RunningServer server([](Request&) { return text_reply("x"); });
  const auto begin = std::chrono::steady_clock::now();
  std::vector<Client> clients;
  for (int i = 0; i < 300; ++i) {
    clients.emplace_back(server.port());
    REQUIRE(clients.back().is_connected());
    clients.back().send(get("/"));
  }
  for (auto& client : clients)
    REQUIRE(status_of(client.reply()) == "200");
  CHECK(since(begin) < 3s);
  CHECK(server.server().connections() == 300);
}

TEST_CASE("clients beyond the maximum are told so, and places become free", "[http][limits]") {
  auto options = any_port();
  options.max_connections = 2;
  RunningServer server([](Request&) { return text_reply("x"); }, options);
  auto first = std::make_unique<Client>(server.port());
  Client second(server.port());
  CHECK(status_of(first->exchange(get("/"))) == "200");
  CHECK(status_of(second.exchange(get("/"))) == "200");
  for (int i = 0; i < 40; ++i) {
    Client refused(server.port());
    refused.send(get("/"));
    const auto reply = refused.all();
    REQUIRE(status_of(reply) == "503");
    REQUIRE(has(reply, "\r\nretry-after: 1\r\n"));
    REQUIRE(has(reply, R"("code":"too_many_connections")"));
  }
  first->close();
  CHECK(comes_true([&] { return server.server().connections() == 1; }));
  Client third(server.port());
  CHECK(status_of(third.exchange(get("/"))) == "200");
}

TEST_CASE("many refused clients that do not leave do not stop the others", "[http][limits]") {
  auto options = any_port();
  options.max_connections = 1;
  RunningServer server([](Request&) { return text_reply("x"); }, options);
  Client admitted(server.port());
  CHECK(status_of(admitted.exchange(get("/"))) == "200");
  std::vector<Client> refused;
  for (int i = 0; i < 60; ++i)
    refused.emplace_back(server.port());
  for (auto& client : refused)
    REQUIRE(status_of(client.until("\r\n\r\n")) == "503");
  CHECK(status_of(admitted.exchange(get("/"))) == "200");
}

TEST_CASE("stop ends everything at once while handlers hold", "[http][stop]") {
  std::atomic<int> holding{0}, interrupted{0};
  RunningServer server([&](Request& request) {
    auto& interrupt = request.interrupt();
    if (request.path == "/plain") {
      ++holding;
      interrupted += fires(interrupt) ? 1 : 0;
      return text_reply("x");
    }
    return stream_reply([&](Sink& sink) {
      sink.write("x");
      ++holding;
      interrupted += fires(interrupt) ? 1 : 0;
      return sink.write("y");
    });
  });
  std::vector<Client> clients;
  for (int i = 0; i < 20; ++i) {
    clients.emplace_back(server.port());
    clients.back().send(get(i % 2 == 0 ? "/plain" : "/stream"));
  }
  Client idle(server.port());
  REQUIRE(comes_true([&] { return holding == 20; }));
  const auto begin = std::chrono::steady_clock::now();
  server.server().stop();
  server.join();
  CHECK(since(begin) < 2s);
  CHECK(interrupted == 20);
  CHECK(server.server().connections() == 0);
  for (auto& client : clients)
    CHECK_FALSE(has(client.all(), "\r\n0\r\n\r\n"));
  CHECK_FALSE(Client(server.port()).is_connected());
}

TEST_CASE("stop before run makes run return", "[http][stop]") {
  Server server(any_port());
  REQUIRE(server.bind());
  server.stop();
  server.run([](Request&) { return text_reply("x"); });
  CHECK(server.connections() == 0);
}

TEST_CASE("a drained server finishes what it is at and takes nothing new", "[http][stop]") {
  Gate gate;
  std::atomic<int> holding{0};
  RunningServer server([&](Request& request) {
    if (request.path == "/idle") return text_reply("x");
    ++holding;
    if (request.path == "/plain") {
      gate.wait();
      return text_reply("done");
    }
    // One stream begins before the listener closes, the other afterwards.
    if (request.path == "/late-stream") gate.wait();
    return stream_reply([&](Sink& sink) { return sink.write("a") && gate.wait() && sink.write("b"); });
  });
  Client idle(server.port()), untouched(server.port()), plain(server.port()), stream(server.port()),
      late(server.port());
  CHECK(status_of(idle.exchange(get("/idle"))) == "200");
  plain.send(get("/plain"));
  stream.send(get("/stream"));
  late.send(get("/late-stream"));
  REQUIRE(comes_true([&] { return holding == 3 && server.server().connections() == 5; }));

  server.server().close_listener();
  CHECK(idle.piece() == "<end>");
  CHECK(untouched.piece() == "<end>");
  CHECK(comes_true([&] { return server.server().connections() == 3; }));
  CHECK(comes_true([&] {
    return !Client(server.port()).is_connected() || Client(server.port()).piece(50ms) != "<nothing>";
  }));
  gate.open();
  const auto reply = plain.all();
  CHECK(has(reply, "Connection: close\r\n"));
  CHECK(body_of(reply) == "done<end>");
  CHECK(has(stream.all(), "1\r\na\r\n1\r\nb\r\n0\r\n\r\n"));
  CHECK(has(late.all(), "1\r\na\r\n1\r\nb\r\n0\r\n\r\n"));
  server.join();
  CHECK(server.server().connections() == 0);
}

TEST_CASE("a port is taken once, and the second one is told", "[http][bind]") {
  Server first(any_port());
  const auto port = first.bind();
  REQUIRE(port);
  auto options = any_port();
  options.port = *port;
  for (const std::string host : {"127.0.0.1", "localhost", "0.0.0.0"}) {
    options.host = host;
    Server second(options);
    const auto result = second.bind();
    REQUIRE_FALSE(result);
    CHECK(result.error().message == "cannot listen on " + host + ":" + std::to_string(*port) +
                                        ": another program, perhaps a second airouterd, is using this port");
  }
}

TEST_CASE("hosts that are no address of this machine are told", "[http][bind]") {
  for (const std::string host : {"", "256.1.1.1", "203.0.113.77", "[127.0.0.1"}) {
    auto options = any_port();
    options.host = host;
    CAPTURE(host);
    CHECK_FALSE(Server(options).bind());
  }
}

TEST_CASE("IPv6 works, and IPv4 comes through it under its own name", "[http][bind]") {
  auto options = any_port();
  options.host = "[::]";
  Server probe(options);
  if (!probe.bind()) {
    WARN("skipped: no IPv6 on this machine");
    return;
  }
  RunningServer server([](Request& request) { return text_reply(request.peer); }, options);
  Client client(server.port());
  CHECK(body_of(client.exchange(get("/"))) == "127.0.0.1");
}

TEST_CASE("a server that runs out of descriptors goes on when there are some again", "[http][limits]") {
  RunningServer server([](Request&) { return text_reply("x"); });
  rlimit before{};
  REQUIRE(::getrlimit(RLIMIT_NOFILE, &before) == 0);
  std::vector<Client> clients;
  for (int i = 0; i < 30; ++i)
    clients.emplace_back(server.port());
  const int next = ::dup(0);
  ::close(next);
  rlimit low = before;
  low.rlim_cur = static_cast<rlim_t>(next);
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &low) == 0);
  std::this_thread::sleep_for(50ms);
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &before) == 0);
  for (auto& client : clients)
    REQUIRE(status_of(client.exchange(get("/"))) == "200");
}

TEST_CASE("workers are used again, bounded, and joined", "[http][pool]") {
  WorkerPool pool(2);
  std::mutex mutex;
  std::set<std::thread::id> seen;
  std::atomic<int> done{0};
  for (int i = 0; i < 50; ++i) {
    REQUIRE(pool.run([&] {
      {
        const std::lock_guard lock(mutex);
        seen.insert(std::this_thread::get_id());
      }
      ++done;
    }));
    REQUIRE(comes_true([&] { return done == i + 1; }));
    std::this_thread::sleep_for(1ms);
  }
  CHECK(seen.size() <= 2);

  Gate gate;
  REQUIRE(pool.run([&] { gate.wait(); }));
  REQUIRE(pool.run([&] { gate.wait(); }));
  CHECK_FALSE(pool.run([] {}));
  gate.open();
  pool.join();
  CHECK_FALSE(pool.run([] {}));
}
