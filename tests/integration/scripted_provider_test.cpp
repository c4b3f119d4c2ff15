#include "demo/scripted_provider.h"

#include <arpa/inet.h>
#include <chrono>
#include <netinet/in.h>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <unistd.h>

#include "demo/chat_scripts.h"
#include "demo/dead_port.h"
#include "support/catch.h"

namespace {

using namespace airouterd::demo;
using namespace std::chrono_literals;

// A blocking client that knows nothing of HTTP.
class Client {
 public:
  explicit Client(int port) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<in_port_t>(port));
    connected_ = ::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    const timeval patience{5, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  }
  ~Client() { ::close(fd_); }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  bool connected() const { return connected_; }
  void send(std::string_view bytes) { REQUIRE(::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL) > 0); }

  // "…" then "<end>" or "<reset>", or what there is once `count` bytes have come.
  std::string read(std::size_t count = std::string::npos) {
    std::string all;
    char byte = 0;
    while (all.size() < count) {
      const auto got = ::recv(fd_, &byte, 1, 0);
      if (got == 0) return all + "<end>";
      if (got < 0) return all + "<reset>";
      all.push_back(byte);
    }
    return all;
  }

 private:
  int fd_;
  bool connected_ = false;
};

constexpr std::string_view post = "POST /v1/x HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello";

}  // namespace

TEST_CASE("a scripted provider records what it got and keeps the connection", "[demo]") {
  ScriptedProvider provider({json_answer("{}"), answer(503, {{"Retry-After", "7"}}, "no").close()});
  Client client(provider.port());
  client.send(post);
  CHECK(client.read(70).substr(0, 17) == "HTTP/1.1 200 OK\r\n");
  client.send("POST /v1/y HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n1\r\nd\r\n0\r\n\r\n");
  const std::string rest = client.read();
  CHECK(rest.find("HTTP/1.1 503 Error\r\nRetry-After: 7\r\nContent-Length: 2\r\n\r\nno<end>") !=
        std::string::npos);
  const auto requests = provider.requests();
  REQUIRE(requests.size() == 2);
  CHECK(requests[0].target == "/v1/x");
  CHECK(requests[0].header("content-length") == "5");
  CHECK(requests[0].body == "hello");
  CHECK(requests[1].body == "abcd");
  CHECK(requests[1].connection == 1);
  CHECK(provider.connection_count() == 1);
}

TEST_CASE("a scripted provider resets, half-closes and speaks before it is asked", "[demo]") {
  ScriptedProvider resets(Script().send("HTTP").reset());
  Client first(resets.port());
  first.send(post);
  CHECK(first.read().find("<reset>") != std::string::npos);

  ScriptedProvider greets(
      {.on_connection = [](int nth) { return Script().send("garbage " + std::to_string(nth)).close(); }});
  Client second(greets.port());
  CHECK(second.read() == "garbage 1<end>");

  ScriptedProvider half(Script().send("x").half_close().hang());
  Client third(half.port());
  third.send(post);
  CHECK(third.read() == "x<end>");
  CHECK(half.open_connections() == 1);
}

TEST_CASE("a scripted provider sees its peer leave, whatever it is doing", "[demo]") {
  const auto script = GENERATE(Script().hang(), Script().pause(60s), Script().send_repeatedly("x"),
                               Script().send_slowly("xxxx", 1, 60s), Script());
  ScriptedProvider provider(script);
  {
    Client client(provider.port());
    client.send(post);
    REQUIRE(provider.wait_for([&] { return provider.request_count() == 1; }, 5s));
  }
  const auto left = std::chrono::steady_clock::now();
  REQUIRE(provider.wait_for([&] { return provider.open_connections() == 0; }, 5s));
  CHECK(provider.last_peer_close() - left < 50ms);
}

TEST_CASE("a scripted provider can be destroyed in the middle of any script", "[demo]") {
  const auto script = GENERATE(Script().hang(), Script().pause(60s), Script().send_repeatedly("x"), Script());
  auto provider = std::make_unique<ScriptedProvider>(script);
  Client client(provider->port());
  client.send(post);
  Client silent(provider->port());
  REQUIRE(provider->wait_for([&] { return provider->request_count() == 1; }, 5s));
  const auto began = std::chrono::steady_clock::now();
  provider.reset();
  CHECK(std::chrono::steady_clock::now() - began < 100ms);
}

TEST_CASE("chat scripts say what OpenAI says", "[demo]") {
  std::string said;
  const Script stream = chat_stream("m", {"Hi"});
  for (const auto& step : stream.steps())
    said += step.bytes;
  CHECK(said.find(R"("delta":{"content":"Hi"})") != std::string::npos);
  CHECK(said.find("data: [DONE]\n\n") != std::string::npos);
  CHECK(said.substr(said.size() - 5) == "0\r\n\r\n");
  CHECK(requested_model(R"({"model":"gpt-4","stream":true})") == "gpt-4");
  CHECK(asks_for_stream(R"({"model":"gpt-4","stream":true})"));
  CHECK_FALSE(asks_for_stream(R"({"stream":"true"})"));
}

TEST_CASE("a dead port refuses", "[demo]") {
  const DeadPort port(DeadPort::Manner::refuses);
  CHECK_FALSE(Client(port.port()).connected());
}
