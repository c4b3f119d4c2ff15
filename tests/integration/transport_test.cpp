#include <array>
#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

#include <airouter/transport.h>

#include "demo/chat_scripts.h"
#include "demo/scripted_provider.h"
#include "integration/exchange_reader.h"
#include "support/catch.h"
#include "support/sanitized.h"

// Exchanges that go well: what is sent, what comes, when, and on which connection.
namespace {

using namespace airouterd::demo;
using namespace exchange_reader;
using namespace std::chrono_literals;
using Event = Exchange::Event;

}  // namespace

TEST_CASE("a request reaches the provider as it was made", "[transport]") {
  const auto transport = airouter::make_curl_transport();
  ScriptedProvider provider(json_answer(R"({"ok":true})"));
  auto request = post_to(provider.base_url(), R"({"model":"m"})");
  request.headers.emplace_back("X-Evil", "1\r\nX-Second: 2");
  CHECK(ask(*transport, request) == R"(200 '{"ok":true}' none)");
  const auto received = provider.requests().at(0);
  CHECK(received.head ==
        "POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(provider.port()) +
            "\r\nAccept: */*\r\nContent-Type: application/json\r\nAuthorization: Bearer k\r\n"
            "Content-Length: 13\r\n\r\n");
  CHECK(received.body == R"({"model":"m"})");
}

TEST_CASE("other methods go out without a body, on the same connection", "[transport]") {
  const auto transport = airouter::make_curl_transport();
  ScriptedProvider provider([](const ReceivedRequest& received, int) {
    if (received.method == "HEAD") return Script().send("HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n");
    return json_answer(received.method + " " + received.body);
  });
  auto request = post_to(provider.base_url(), "body");
  CHECK(ask(*transport, request) == "200 'POST body' none");
  request.method = "GET", request.body = {};
  CHECK(ask(*transport, request) == "200 'GET ' none");
  request.method = "HEAD";
  CHECK(ask(*transport, request) == "200 '' none");
  request.method = "DELETE";
  CHECK(ask(*transport, request) == "200 'DELETE ' none");
  request.method = "PUT", request.body = "more";
  CHECK(ask(*transport, request) == "200 'PUT more' none");
  request.method = "POST", request.body = {};
  CHECK(ask(*transport, request) == "200 'POST ' none");
  CHECK(provider.connection_count() == 1);
}

TEST_CASE("a large and binary request arrives whole", "[transport]") {
  const auto transport = airouter::make_curl_transport();
  ScriptedProvider provider(json_answer("{}"));
  std::string body(20'000'000, 'x');
  body[7] = '\0';
  CHECK(ask(*transport, post_to(provider.base_url(), body)) == "200 '{}' none");
  CHECK(provider.requests().at(0).body == body);
}

TEST_CASE("the head comes first, then what is there, then the end for ever", "[transport]") {
  const auto transport = airouter::make_curl_transport();
  ScriptedProvider provider(answer(429, {{"Retry-After", "7"}, {"X-A", "1"}}, "slow down"));
  const auto exchange = transport->open(post_to(provider.base_url()));
  REQUIRE(wait(*exchange) == Event::head);
  CHECK(exchange->head().status == 429);
  CHECK(airouter::find_header(exchange->head().headers, "retry-after") == "7");
  CHECK(exchange->head().headers.size() == 3);
  REQUIRE(wait(*exchange) == Event::body);
  CHECK(exchange->body() == "slow down");
  for (int i = 0; i < 3; ++i)
    CHECK(wait(*exchange) == Event::end);
  CHECK(exchange->failure() == TransferFailure::none);
}

TEST_CASE("each piece is there as soon as it came", "[transport]") {
  const auto transport = airouter::make_curl_transport();
  ScriptedProvider provider(sse({"a", "b", "c"}, 100ms));
  const auto exchange = transport->open(post_to(provider.base_url()));
  REQUIRE(wait(*exchange) == Event::head);
  for (const auto* expected : {"data: a\n\n", "data: b\n\n", "data: c\n\n"}) {
    REQUIRE(wait(*exchange, 1s) == Event::body);
    CHECK(exchange->body() == expected);
  }
  CHECK(wait(*exchange) == Event::end);
  CHECK(exchange->failure() == TransferFailure::none);
}

TEST_CASE("a body may come byte by byte, chunked or not", "[transport]") {
  const auto transport = airouter::make_curl_transport();
  const std::string chunked = response_head(200, {{"Transfer-Encoding", "chunked"}}) + chunk("hello ") +
                              chunk("world") + "0\r\nX-Trailer: 1\r\n\r\n";
  const std::string plain = response_head(200, {{"Content-Length", "11"}}) + "hello world";
  const std::string until_close = response_head(200, {}) + "hello world";
  ScriptedProvider provider({Script().send_slowly(chunked, 1, 1ms), Script().send_slowly(plain, 1, 1ms),
                             Script().send_slowly(until_close, 1, 1ms).close()});
  for (int i = 0; i < 3; ++i)
    CHECK(ask(*transport, post_to(provider.base_url())) == "200 'hello world' none");
  CHECK(provider.connection_count() == 1);
}

TEST_CASE("fifty calls one after the other take one connection", "[transport]") {
  const auto transport = airouter::make_curl_transport();
  ScriptedProvider provider([](const ReceivedRequest&, int nth) {
    return nth % 2 == 0 ? json_answer("{}") : sse({"a", "[DONE]"});
  });
  for (int i = 0; i < 50; ++i)
    CHECK(ask(*transport, post_to(provider.base_url())).substr(0, 3) == "200");
  CHECK(provider.connection_count() == 1);
}

TEST_CASE("calls at the same time take a connection each, which later calls use again", "[transport]") {
  const auto transport = airouter::make_curl_transport();
  ScriptedProvider provider(json_answer("{}"));
  for (int round = 0; round < 5; ++round) {
    std::vector<std::unique_ptr<Exchange>> exchanges;
    for (int i = 0; i < 10; ++i)
      exchanges.push_back(transport->open(post_to(provider.base_url())));
    for (const auto& exchange : exchanges)
      CHECK(read_all(*exchange) == "200 '{}' none");
  }
  CHECK(provider.connection_count() == 10);
  CHECK(provider.open_connections() == 10);
}

TEST_CASE("a transport is shared by threads, and its exchanges outlive it", "[transport]") {
  auto transport = airouter::make_curl_transport();
  ScriptedProvider provider(json_answer("{}"));
  std::atomic<int> good{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t)
    threads.emplace_back([&] {
      for (int i = 0; i < 50; ++i)
        good += ask(*transport, post_to(provider.base_url())) == "200 '{}' none";
    });
  for (auto& thread : threads)
    thread.join();
  CHECK(good == 400);
  CHECK(provider.connection_count() <= 16);

  const auto exchange = transport->open(post_to(provider.base_url()));
  transport.reset();
  CHECK(read_all(*exchange) == "200 '{}' none");
}

TEST_CASE("after a fork the child leaves its parent's connections alone", "[transport]") {
  if (is_thread_sanitized) return;  // it does not know what to make of a child of threads
  const auto transport = airouter::make_curl_transport();
  ScriptedProvider provider([](const ReceivedRequest& received, int) { return json_answer(received.body); });
  REQUIRE(ask(*transport, post_to(provider.base_url(), "before")) == "200 'before' none");
  const pid_t child = ::fork();
  if (child == 0) {
    const bool is_good = ask(*transport, post_to(provider.base_url(), "child")) == "200 'child' none";
    ::_exit(is_good ? 0 : 1);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(status == 0);
  CHECK(ask(*transport, post_to(provider.base_url(), "parent")) == "200 'parent' none");
  CHECK(provider.connection_count() == 2);
}

TEST_CASE("a connection is not used again where its provider asks so", "[transport]") {
  const auto transport = airouter::make_curl_transport();
  ScriptedProvider provider(answer(200, {{"Connection", "close"}}, "{}"));
  for (int i = 0; i < 3; ++i)
    CHECK(ask(*transport, post_to(provider.base_url())) == "200 '{}' none");
  CHECK(provider.connection_count() == 3);
  CHECK(provider.wait_for([&] { return provider.open_connections() == 0; }, 1s));
}

TEST_CASE("a wait ends at its time and the exchange goes on after it", "[transport]") {
  const auto transport = airouter::make_curl_transport();
  ScriptedProvider provider(Script().pause(300ms).then(json_answer("{}")));
  const auto exchange = transport->open(post_to(provider.base_url()));
  const auto began = steady_clock::now();
  CHECK(wait(*exchange, 100ms) == Event::timeout);
  const auto took = steady_clock::now() - began;
  CHECK(took >= 100ms);
  CHECK(took < 150ms);
  CHECK(wait(*exchange, 0ms) == Event::timeout);
  CHECK(wait(*exchange, -1h) == Event::timeout);
  CHECK(read_all(*exchange) == "200 '{}' none");
}

TEST_CASE("waits of no time at all make progress", "[transport]") {
  const auto transport = airouter::make_curl_transport();
  ScriptedProvider provider(json_answer("{}"));
  const auto exchange = transport->open(post_to(provider.base_url()));
  const auto until = steady_clock::now() + 2s;
  Event event = Event::timeout;
  while (event == Event::timeout && steady_clock::now() < until)
    event = wait(*exchange, 0ms);
  CHECK(event == Event::head);
}

TEST_CASE("another thread wakes a wait", "[transport]") {
  const auto transport = airouter::make_curl_transport();
  ScriptedProvider provider({Script().hang(), json_answer("{}")});
  Interrupt interrupt;
  const auto exchange = transport->open(post_to(provider.base_url()));
  std::chrono::steady_clock::time_point triggered;
  std::thread other([&] {
    std::this_thread::sleep_for(50ms);
    triggered = steady_clock::now();
    interrupt.trigger();
  });
  CHECK(wait(*exchange, 5s, &interrupt) == Event::interrupted);
  other.join();
  CHECK(steady_clock::now() - triggered < 100ms);
  CHECK(wait(*exchange, 5s, &interrupt) == Event::interrupted);
  interrupt.reset();
  CHECK(wait(*exchange, 20ms, &interrupt) == Event::timeout);
}

TEST_CASE("nothing is sent once an interrupt has fired", "[transport]") {
  const auto transport = airouter::make_curl_transport();
  ScriptedProvider provider(json_answer("{}"));
  Interrupt interrupt;
  interrupt.trigger();
  const auto exchange = transport->open(post_to(provider.base_url()));
  CHECK(wait(*exchange, 5s, &interrupt) == Event::interrupted);
  CHECK(provider.connection_count() == 0);
  interrupt.reset();
  CHECK(read_all(*exchange) == "200 '{}' none");
}

TEST_CASE("a client that hangs up wakes a wait, one that only talks does not", "[transport]") {
  const auto transport = airouter::make_curl_transport();
  const auto script =
      GENERATE(Script().hang(), sse_open({"a"}).hang(), sse_open({}).send_repeatedly(chunk("x")));
  ScriptedProvider provider(script);
  std::array<int, 2> pair{};
  REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM, 0, pair.data()) == 0);
  Interrupt interrupt;
  interrupt.watch_peer(pair[0]);
  REQUIRE(::send(pair[1], "pipelined", 9, MSG_NOSIGNAL) == 9);
  const auto exchange = transport->open(post_to(provider.base_url()));
  auto until = steady_clock::now() + 200ms;
  const auto cpu = cpu_time_of_this_thread();
  const bool is_endless = script.steps().back().count == 0;
  Event event = Event::head;
  while (event != Event::timeout && steady_clock::now() < until)
    event = exchange->wait(until, &interrupt);
  if (!is_endless) CHECK(cpu_time_of_this_thread() - cpu < 50ms);

  std::thread client([&] {
    std::this_thread::sleep_for(50ms);
    ::shutdown(pair[1], SHUT_WR);
  });
  until = steady_clock::now() + 5s;
  const auto began = steady_clock::now();
  do
    event = exchange->wait(until, &interrupt);
  while (event == Event::body);
  CHECK(event == Event::interrupted);
  CHECK(steady_clock::now() - began < 150ms);
  client.join();
  ::close(pair[0]);
  ::close(pair[1]);
}

TEST_CASE("destroying an exchange closes the upstream at once, whatever it is doing", "[transport]") {
  const auto transport = airouter::make_curl_transport();
  const auto script =
      GENERATE(Script().hang(), sse_open({"a"}).hang(), sse_open({}).send_repeatedly(chunk("x")),
               Script().send("HTTP/1.1 200 OK\r\nContent-Le").hang());
  ScriptedProvider provider(script);
  auto exchange = transport->open(post_to(provider.base_url()));
  (void)wait(*exchange, 50ms);
  REQUIRE(provider.wait_for([&] { return provider.request_count() == 1; }, 5s));
  const auto destroyed = steady_clock::now();
  exchange.reset();
  CHECK(steady_clock::now() - destroyed < 20ms);
  REQUIRE(provider.wait_for([&] { return provider.open_connections() == 0; }, 1s));
  CHECK(provider.last_peer_close() - destroyed < 100ms);
}

TEST_CASE("what nobody reads stays with the provider", "[transport]") {
  const auto transport = airouter::make_curl_transport();
  const std::string head = response_head(200, {{"Content-Type", "text/event-stream"}});
  ScriptedProvider provider(Script().send(head).send_repeatedly(std::string(64 * 1024, 'x')));
  const auto exchange = transport->open(post_to(provider.base_url()));
  REQUIRE(wait(*exchange) == Event::head);
  std::this_thread::sleep_for(200ms);
  // What the kernel's buffers on both sides take, and no more.
  CHECK(provider.bytes_sent() < 20'000'000);
  std::size_t read = 0;
  while (read < 100'000'000) {
    REQUIRE(wait(*exchange) == Event::body);
    REQUIRE(exchange->body().size() <= 64 * 1024);
    read += exchange->body().size();
  }
  CHECK(provider.bytes_sent() < read + 20'000'000);
}

TEST_CASE("a warm request costs little CPU time", "[transport]") {
  const auto transport = airouter::make_curl_transport();
  ScriptedProvider provider(json_answer("{}"));
  const auto request = post_to(provider.base_url());
  for (int i = 0; i < 20; ++i)
    CHECK(ask(*transport, request) == "200 '{}' none");
  constexpr int count = 500;
  const auto before = cpu_time_of_this_thread();
  for (int i = 0; i < count; ++i)
    (void)ask(*transport, request);
  const auto each = (cpu_time_of_this_thread() - before) / count;
  INFO(each.count());
  // About 40 µs are expected; the rest is for slow machines and sanitizers. A fresh handle would cost 881 µs.
  CHECK(each < 600us);
  CHECK(provider.connection_count() == 1);
}
