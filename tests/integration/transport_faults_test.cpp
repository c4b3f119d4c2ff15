#include <chrono>
#include <csignal>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>
#include <sys/resource.h>
#include <vector>

#include <airouter/transport.h>

#include "demo/chat_scripts.h"
#include "demo/dead_port.h"
#include "demo/scripted_provider.h"
#include "integration/exchange_reader.h"
#include "support/catch.h"
#include "support/gzip.h"

// Providers that lie, break and stall.
namespace {

using namespace airouterd::demo;
using namespace exchange_reader;
using namespace std::chrono_literals;
using Event = Exchange::Event;

const std::string chunked_head = response_head(200, {{"Transfer-Encoding", "chunked"}});

// What one request to a provider that does `script` comes to.
std::string fate(const Script& script, std::chrono::milliseconds patience = 5s) {
  ScriptedProvider provider(script);
  return ask(*airouter::make_curl_transport(), post_to(provider.base_url()), patience);
}

std::size_t resident_bytes() {
  std::size_t total = 0, resident = 0;
  std::ifstream("/proc/self/statm") >> total >> resident;
  return resident * 4096;
}

// After a first good answer, does what the script says to the second request, then is good again.
std::string second_fate(const Script& second, int& requests) {
  ScriptedProvider provider(
      [&](const ReceivedRequest&, int nth) { return nth == 2 ? second : json_answer("{}"); });
  const auto transport = airouter::make_curl_transport();
  CHECK(ask(*transport, post_to(provider.base_url())) == "200 '{}' none");
  const std::string said = ask(*transport, post_to(provider.base_url()));
  requests = provider.request_count();
  return said;
}

}  // namespace

TEST_CASE("a refused connection is told at once", "[transport][faults]") {
  const DeadPort port(DeadPort::Manner::refuses);
  const auto began = steady_clock::now();
  CHECK(ask(*airouter::make_curl_transport(), post_to(port.base_url())) == "connect");
  CHECK(steady_clock::now() - began < 100ms);
}

TEST_CASE("a connection that does not come about times out on its own clock", "[transport][faults]") {
  const DeadPort port(DeadPort::Manner::never_answers);
  auto request = post_to(port.base_url());
  request.connect_timeout = 300ms;
  const auto exchange = airouter::make_curl_transport()->open(request);
  const auto began = steady_clock::now();
  CHECK(wait(*exchange, 100ms) == Event::timeout);
  CHECK(steady_clock::now() - began < 150ms);
  CHECK(read_all(*exchange) == "connect_timeout");
  CHECK(steady_clock::now() - began >= 300ms);
  CHECK(steady_clock::now() - began < 400ms);
}

TEST_CASE("addresses that hand out credentials are not dialled", "[transport][faults]") {
  const auto transport = airouter::make_curl_transport();
  for (const auto* host :
       {"169.254.169.254", "[::ffff:169.254.169.254]", "[fe80::1]", "0xa9fea9fe", "2852039166"}) {
    INFO(host);
    const auto began = steady_clock::now();
    CHECK(ask(*transport, post_to(std::string("http://") + host)) == "connect");
    CHECK(steady_clock::now() - began < 100ms);
  }
}

TEST_CASE("what is no URL of a provider is not dialled", "[transport][faults]") {
  const auto transport = airouter::make_curl_transport();
  for (const auto* url : {"", "file:///etc", "ftp://127.0.0.1", "http://user:secret@127.0.0.1",
                          "http://127.0.0.1:99999", "http://a b", "http://127.0.0.1\r\nX: 1"}) {
    INFO(url);
    CHECK(ask(*transport, post_to(url)) == "connect");
  }
}

TEST_CASE("a provider without TLS is a TLS failure to https", "[transport][faults]") {
  ScriptedProvider provider(
      {.on_connection = [](int) { return Script().send("HTTP/1.1 400 Bad Request\r\n\r\n").close(); }});
  const std::string base_url = "https://127.0.0.1:" + std::to_string(provider.port());
  CHECK(ask(*airouter::make_curl_transport(), post_to(base_url)) == "tls");
  CHECK(provider.request_count() == 0);
}

TEST_CASE("a TLS handshake that nobody answers is a connect timeout", "[transport][faults]") {
  ScriptedProvider provider({.on_connection = [](int) { return Script().hang(); }});
  auto request = post_to("https://127.0.0.1:" + std::to_string(provider.port()));
  request.connect_timeout = 200ms;
  CHECK(ask(*airouter::make_curl_transport(), request) == "connect_timeout");
}

TEST_CASE("a connection that dies before there is a whole head is a reset", "[transport][faults]") {
  CHECK(fate(Script().reset()) == "reset");
  CHECK(fate(Script().close()) == "reset");
  CHECK(fate(Script().send("HTTP/1.1 200 OK\r\nA: ").close()) == "reset");
  CHECK(fate(Script().send("HTTP/1.1 200 OK\r\nA: 1\r\n").close()) == "reset");
  CHECK(fate(Script().send("HTTP/1.1 200 OK\r\nA: 1\r\n").reset()) == "reset");
  CHECK(fate(Script().send("HTTP/1.1 100 Continue\r\n\r\n").close()) == "reset");
  CHECK(fate(Script().send("HTTP/1.1 2").close()) == "reset");
}

TEST_CASE("a connection that is closed before the request is a reset, and is asked once",
          "[transport][faults]") {
  ScriptedProvider provider({.on_connection = [](int) { return Script().close(); }});
  CHECK(ask(*airouter::make_curl_transport(), post_to(provider.base_url())) == "reset");
  CHECK(provider.connection_count() == 1);
}

TEST_CASE("a body that is cut is told after what came of it", "[transport][faults]") {
  const std::string sized = response_head(200, {{"Content-Length", "10"}});
  CHECK(fate(Script().send(sized + "hello").close()) == "200 'hello' short_body");
  CHECK(fate(Script().send(sized + "hello").pause(50ms).reset()) == "200 'hello' reset");
  CHECK(fate(Script().send(sized).close()) == "200 '' short_body");
  CHECK(fate(Script().send(chunked_head + chunk("hello")).close()) == "200 'hello' short_body");
  CHECK(fate(Script().send(chunked_head + "a\r\nhello").close()) == "200 'hello' short_body");
  CHECK(fate(Script().send(chunked_head + chunk("hello")).pause(50ms).reset()) == "200 'hello' reset");
  CHECK(fate(sse_open({"a"}).close()) == "200 'data: a\n\n' short_body");
}

TEST_CASE("a body that is framed by the connection ends with it", "[transport][faults]") {
  CHECK(fate(Script().send(response_head(200, {}) + "hello").close()) == "200 'hello' none");
  CHECK(fate(Script().send("HTTP/1.0 200 OK\r\n\r\nhello").close()) == "200 'hello' none");
}

TEST_CASE("broken chunks break the body", "[transport][faults]") {
  for (const auto* chunks :
       {"xyz\r\nhello\r\n", "-5\r\nhello\r\n", "ffffffffffffffffff\r\nhello\r\n", "5\r\nhelloXX5\r\n"}) {
    INFO(chunks);
    const std::string said = fate(Script().send(chunked_head + chunks).pause(1s));
    CHECK(said.substr(said.size() - 5) == "reset");
  }
}

TEST_CASE("what is not HTTP is malformed", "[transport][faults]") {
  CHECK(fate(Script().send("<html>hello</html>").close()) == "malformed");
  CHECK(fate(Script().send("SSH-2.0-OpenSSH_9.2\r\n").close()) == "malformed");
  CHECK(fate(Script().send(std::string(100'000, '\0')).close()) == "malformed");
  CHECK(fate(Script().send("HTTP/1.1 OK\r\n\r\n").close()) == "malformed");
  CHECK(fate(Script().send("HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\nxx").hang()) ==
        "malformed");
  CHECK(fate(Script().send("HTTP/1.1 200 OK\r\nno colon\r\n\r\n").hang()) == "malformed");
}

TEST_CASE("a provider that talks before it is asked is not believed twice", "[transport][faults]") {
  ScriptedProvider provider({.on_request = [](const ReceivedRequest&, int) { return json_answer("{}"); },
                             .on_connection = [](int) { return Script().send("garbage\r\n\r\n"); }});
  CHECK(ask(*airouter::make_curl_transport(), post_to(provider.base_url())) == "malformed");
}

TEST_CASE("a head is bounded however it is dragged out", "[transport][faults]") {
  std::string hints;
  for (int i = 0; i < 2'000; ++i)
    hints += "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n";
  CHECK(fate(Script().send(hints).then(json_answer("{}"))) == "too_large");
  CHECK(fate(Script().send("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n").then(json_answer("{}"))) ==
        "200 '{}' none");
  const Script open = Script().send("HTTP/1.1 200 OK\r\n");
  CHECK(fate(open.send_repeatedly("A: 1\r\n")) == "too_large");
  CHECK(fate(open.send_repeatedly("A: " + std::string(10'000, 'a') + "\r\n")) == "too_large");
  CHECK(fate(open.send_repeatedly(std::string(10'000, 'a'))) == "too_large");
  CHECK(fate(Script().send_repeatedly(std::string(10'000, 'a'))) == "malformed");
  CHECK(fate(Script().send("HTTP/1.1 200 ").send_repeatedly(std::string(10'000, 'a'))) == "too_large");
  CHECK(fate(Script().send(chunked_head + "0\r\n").send_repeatedly("A: 1\r\n")) == "200 '' too_large");
}

TEST_CASE("an answer in two framings is read as chunked, and its connection is not used again",
          "[transport][faults]") {
  const auto fields = GENERATE(std::string("Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n"),
                               std::string("Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n"));
  ScriptedProvider provider(
      {Script().send("HTTP/1.1 200 OK\r\n" + fields + chunk("hello") + chunk("")), json_answer("{}")});
  const auto transport = airouter::make_curl_transport();
  CHECK(ask(*transport, post_to(provider.base_url())) == "200 'hello' none");
  CHECK(ask(*transport, post_to(provider.base_url())) == "200 '{}' none");
  CHECK(provider.connection_count() == 2);
}

TEST_CASE("contradicting lengths are malformed", "[transport][faults]") {
  CHECK(
      fate(Script().send("HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 5\r\n\r\nhello").hang()) ==
      "malformed");
  CHECK(fate(Script().send("HTTP/1.1 200 OK\r\nContent-Length: -3\r\n\r\nhello").hang()) == "malformed");
}

TEST_CASE("what a provider says beyond its answer never answers another request", "[transport][faults]") {
  const std::string stolen = "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nstolen";
  const auto more =
      GENERATE_COPY(Script().send(response_head(200, {{"Content-Length", "2"}}) + "{}" + stolen),
                    json_answer("{}").pause(30ms).send(stolen), sse({}).pause(30ms).send(stolen));
  ScriptedProvider provider({more, json_answer("good")});
  const auto transport = airouter::make_curl_transport();
  CHECK(ask(*transport, post_to(provider.base_url())).substr(0, 3) == "200");
  std::this_thread::sleep_for(400ms);  // it has come, also on a machine that is busy
  CHECK(ask(*transport, post_to(provider.base_url())) == "200 'good' none");
  CHECK(provider.connection_count() == 2);
}

TEST_CASE("compression that nobody asked for is never unpacked", "[transport][faults]") {
  for (const auto* field :
       {"Content-Encoding: gzip", "content-encoding: br", "Transfer-Encoding: gzip, chunked"}) {
    INFO(field);
    CHECK(fate(Script()
                   .send(std::string("HTTP/1.1 200 OK\r\n") + field + "\r\n\r\n")
                   .send(gzip_of("{}"))
                   .close()) == "malformed");
  }
}

TEST_CASE("a redirect is told, never followed", "[transport][faults]") {
  ScriptedProvider thief(json_answer("{}"));
  ScriptedProvider provider([&](const ReceivedRequest&, int nth) {
    constexpr std::array statuses{301, 302, 303, 307, 308};
    return answer(statuses.at(static_cast<std::size_t>(nth - 1)), {{"Location", thief.base_url()}}, "go");
  });
  const auto transport = airouter::make_curl_transport();
  for (const auto* status : {"301", "302", "303", "307", "308"})
    CHECK(ask(*transport, post_to(provider.base_url())) == std::string(status) + " 'go' none");
  CHECK(thief.connection_count() == 0);
}

TEST_CASE("silence is the caller's to end", "[transport][faults]") {
  CHECK(fate(Script().hang(), 100ms) == "timeout");
  CHECK(fate(Script().send(response_head(200, {{"Content-Length", "5"}})).hang(), 100ms) == "200 '' timeout");
  CHECK(fate(Script().send("HTTP/1.1 200 OK\r\n").hang(), 100ms) == "timeout");
  CHECK(fate(sse_open({"a"}).hang(), 100ms) == "200 'data: a\n\n' timeout");
  CHECK(fate({}, 100ms) == "timeout");
}

TEST_CASE("an endless body needs no more memory than one piece", "[transport][faults]") {
  const auto open =
      GENERATE(response_head(200, {}), chunked_head, response_head(200, {{"Content-Length", "99999999999"}}));
  const bool chunked = open == chunked_head;
  ScriptedProvider provider(Script().send(open).send_repeatedly(chunked ? chunk(std::string(100'000, 'x'))
                                                                        : std::string(100'000, 'x')));
  const auto exchange = airouter::make_curl_transport()->open(post_to(provider.base_url()));
  const auto before = resident_bytes();
  std::size_t read = 0;
  REQUIRE(wait(*exchange) == Event::head);
  while (read < 200'000'000) {
    REQUIRE(wait(*exchange) == Event::body);
    read += exchange->body().size();
  }
  // Far less is used; the rest is for AddressSanitizer, which keeps freed memory for a while.
  CHECK(resident_bytes() < before + 100'000'000);
}

TEST_CASE("a stale connection costs one more sending on a fresh one", "[transport][faults]") {
  int requests = 0;
  CHECK(second_fate(Script().reset(), requests) == "200 '{}' none");
  CHECK(requests == 3);
  CHECK(second_fate(Script().close(), requests) == "200 '{}' none");
  CHECK(requests == 3);
}

TEST_CASE("a request is not sent again once a byte of an answer has come", "[transport][faults]") {
  int requests = 0;
  CHECK(second_fate(Script().send("HTTP/1.1 200 OK\r\n").close(), requests) == "reset");
  CHECK(requests == 2);
  CHECK(second_fate(Script().send("HTTP/1.1 2").close(), requests) == "reset");
  CHECK(requests == 2);
  CHECK(second_fate(Script().send("HTTP/1.1 2").reset(), requests) == "reset");
  CHECK(requests == 2);
}

TEST_CASE("a request is not sent again to a provider that had time to work", "[transport][faults]") {
  int requests = 0;
  CHECK(second_fate(Script().pause(1100ms).reset(), requests) == "reset");
  CHECK(requests == 2);
}

TEST_CASE("a request is never sent a third time", "[transport][faults]") {
  ScriptedProvider provider(
      [](const ReceivedRequest&, int nth) { return nth == 1 ? json_answer("{}") : Script().reset(); });
  const auto transport = airouter::make_curl_transport();
  CHECK(ask(*transport, post_to(provider.base_url())) == "200 '{}' none");
  CHECK(ask(*transport, post_to(provider.base_url())) == "reset");
  CHECK(provider.request_count() == 3);
}

TEST_CASE("a fresh connection that dies is not tried again", "[transport][faults]") {
  ScriptedProvider provider(Script().reset());
  CHECK(ask(*airouter::make_curl_transport(), post_to(provider.base_url())) == "reset");
  CHECK(provider.request_count() == 1);
}

TEST_CASE("a connection that its provider closed while idle is noticed before sending",
          "[transport][faults]") {
  ScriptedProvider provider({json_answer("{}").close(), json_answer("{}")});
  const auto transport = airouter::make_curl_transport();
  CHECK(ask(*transport, post_to(provider.base_url())) == "200 '{}' none");
  REQUIRE(provider.wait_for([&] { return provider.open_connections() == 0; }, 1s));
  CHECK(ask(*transport, post_to(provider.base_url())) == "200 '{}' none");
  CHECK(provider.request_count() == 2);
}

TEST_CASE("an early refusal of a large upload reaches the caller", "[transport][faults]") {
  ScriptedProvider provider(
      {.on_request = [](const ReceivedRequest&, int) { return json_answer("no", 413).pause(200ms); },
       .read_bodies = false});
  const std::string body(20'000'000, 'x');
  CHECK(ask(*airouter::make_curl_transport(), post_to(provider.base_url(), body)).substr(0, 3) == "413");
}

TEST_CASE("a broken connection never raises SIGPIPE", "[transport][faults]") {
  static volatile std::sig_atomic_t raised = 0;
  const auto previous = std::signal(SIGPIPE, [](int) { raised = raised + 1; });
  ScriptedProvider provider(
      {.on_request = [](const ReceivedRequest&, int) { return Script().pause(20ms).reset(); },
       .read_bodies = false});
  const auto transport = airouter::make_curl_transport();
  const std::string body(20'000'000, 'x');
  for (int i = 0; i < 5; ++i)
    CHECK(ask(*transport, post_to(provider.base_url(), body)) == "reset");
  std::signal(SIGPIPE, previous);
  CHECK(raised == 0);
}

TEST_CASE("a proxy of the environment does not see requests to this machine", "[transport][faults]") {
  ScriptedProvider proxy(json_answer("from the proxy")), provider(json_answer("from the provider"));
  const std::string proxy_url = "http://127.0.0.1:" + std::to_string(proxy.port());
  REQUIRE(::setenv("http_proxy", proxy_url.c_str(), 1) == 0);
  const auto transport = airouter::make_curl_transport();
  auto request = post_to(provider.base_url());
  CHECK(ask(*transport, request) == "200 'from the provider' none");
  request.url = "http://public.example.com/v1";
  CHECK(ask(*transport, request) == "200 'from the proxy' none");
  REQUIRE(::setenv("no_proxy", "*", 1) == 0);
  request.url = provider.base_url();
  request.proxy = proxy_url;
  CHECK(ask(*transport, request) == "200 'from the proxy' none");
  request.proxy = "none";
  CHECK(ask(*transport, request) == "200 'from the provider' none");
  ::unsetenv("no_proxy");
  ::unsetenv("http_proxy");
  CHECK(provider.connection_count() == 1);
  CHECK(proxy.requests().at(1).target == provider.base_url());
}

TEST_CASE("without descriptors an exchange fails and the next one works", "[transport][faults]") {
  ScriptedProvider provider(json_answer("{}"));
  const auto transport = airouter::make_curl_transport();
  rlimit limit{};
  REQUIRE(::getrlimit(RLIMIT_NOFILE, &limit) == 0);
  const rlimit none{3, limit.rlim_max};
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &none) == 0);
  const std::string said = ask(*transport, post_to(provider.base_url()), 1s);
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &limit) == 0);
  CHECK(said == "no_resources");
  CHECK(ask(*transport, post_to(provider.base_url())) == "200 '{}' none");
}
