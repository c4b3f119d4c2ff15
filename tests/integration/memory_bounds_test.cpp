#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "demo/chat_scripts.h"
#include "demo/scripted_provider.h"
#include "integration/gateway.h"
#include "integration/memory_watch.h"
#include "support/catch.h"
#include "support/gzip.h"

// Whatever providers and clients do without end, the daemon's memory has one: measured from outside, in
// /proc. Figures are about twice what a release build was measured to take.
namespace {

using namespace airouterd::demo;
using namespace gateway;

constexpr long mebibyte_in_kib = 1024;

const std::string chunked_head =
    response_head(200, {{"Content-Type", "text/event-stream"}, {"Transfer-Encoding", "chunked"}});

// Memory is a sanitizer's own affair.
void check_below(long kib, long kib_max) {
  INFO(kib << " KiB, at most " << kib_max << " are allowed");
  if (!is_sanitized) CHECK(kib <= kib_max);
}

std::vector<RawClient> ask_many(const Gateway& daemon, std::size_t count, const std::string& bytes,
                                int receive_buffer = 0) {
  std::vector<RawClient> clients;
  clients.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    clients.emplace_back(daemon.port(), receive_buffer);
    clients.back().send(bytes);
  }
  return clients;
}

// Waits until the provider's sending has come to a halt.
bool stands_still(const ScriptedProvider& provider) {
  std::uint64_t sent = 0;
  auto since = steady_clock::now();
  return comes_true(
      [&] {
        if (provider.bytes_sent() != sent) {
          sent = provider.bytes_sent();
          since = steady_clock::now();
        }
        return sent > 0 && steady_clock::now() - since > 300ms;
      },
      20s);
}

}  // namespace

TEST_CASE("fifty readers that read nothing hold little of a provider that floods", "[memory][daemon]") {
  ScriptedProvider provider(
      sse_open({role_chunk("gpt-4")})
          .send_repeatedly(chunk(event(content_chunk("gpt-4", std::string(10'000, 'x'))))));
  Gateway daemon({{"only", provider.base_url()}});
  const MemoryWatch memory(daemon.process());
  const std::vector<RawClient> clients = ask_many(daemon, 50, chat_request(chat_body(true)), 4096);
  REQUIRE(provider.wait_for([&] { return provider.open_connections() == 50; }, 10s));
  CHECK(stands_still(provider));
  check_below(memory.peak_growth(), 50 * mebibyte_in_kib);
  CHECK(provider.open_connections() == 50);
  CHECK(daemon.get("/health").status == 200);
}

TEST_CASE("large answers that nobody reads stay within what all calls may hold", "[memory][daemon]") {
  const bool is_stream = GENERATE(false, true);
  const std::string large(std::size_t{15} * 1024 * 1024, 'x');
  ScriptedProvider provider(is_stream ? sse_open({content_chunk("gpt-4", large)}).hang()
                                      : chat_answer("gpt-4", large));
  Gateway daemon({{"only", provider.base_url()}});
  const MemoryWatch memory(daemon.process());
  int begun = 0, refused = 0;
  // Their requests stay open while more are asked.
  std::vector<RawClient> clients;
  for (int i = 0; i < 30; ++i) {
    clients.emplace_back(daemon.port(), 4096);
    clients.back().send(chat_request(chat_body(is_stream)));
  }
  for (RawClient& client : clients) {
    REQUIRE(client.read_head(30s));
    const int status = client.answer().status;
    begun += status == 200 ? 1 : 0;
    refused += status == 503 ? 1 : 0;
  }
  INFO(begun << " begun, " << refused << " refused");
  // Where all come at the same pace, none may find room for the whole of its answer.
  CHECK(refused >= 20);
  CHECK(begun + refused == 30);
  check_below(memory.peak_growth(), 400 * mebibyte_in_kib);
  CHECK(daemon.get("/health").status == 200);
  clients.clear();
  CHECK(comes_true([&] { return memory.growth() < 20 * mebibyte_in_kib || is_sanitized; }, 15s));
  if (!is_stream) CHECK(outcome_of(daemon.ask(false)).starts_with("200 'xxx"));
}

TEST_CASE("events that are held back, because nothing was said yet, count as held", "[memory][daemon]") {
  // Large events: a sanitizer makes looking at them slow.
  const std::string silence =
      event(R"({"choices":[{"delta":{"role":"assistant"}}],"padding":")" + std::string(95'000, 'x') + "\"}");
  Script holding = sse_open({});
  for (int i = 0; i < 10; ++i)
    holding = holding.send(chunk(silence));
  ScriptedProvider provider(holding.hang());
  Gateway daemon({{"only", provider.base_url()}});
  const MemoryWatch memory(daemon.process());
  const std::size_t asked = is_sanitized ? 170 : 300, held_max = 150;
  std::vector<RawClient> clients = ask_many(daemon, asked, chat_request(chat_body(true)));
  std::size_t refused = 0;
  // Those that are held hear nothing for now.
  CHECK(comes_true(
      [&] {
        refused = 0;
        for (RawClient& client : clients)
          refused +=
              client.answer().status == 503 || (client.read_head(1ms) && client.answer().status == 503);
        return refused >= asked - held_max;
      },
      is_sanitized ? 60s : 20s));
  check_below(memory.peak_growth(), 300 * mebibyte_in_kib);
}

TEST_CASE("events without end are cut off one by one, however many come at once", "[memory][daemon]") {
  const Script endless =
      Script().send(chunk("data: {\"a\":\"")).send_repeatedly(chunk(std::string(60'000, 'x')));
  ScriptedProvider provider(sse_open({content_chunk("gpt-4", "Hello")}).then(endless));
  Gateway daemon({{"only", provider.base_url()}});
  const MemoryWatch memory(daemon.process());
  for (RawClient& client : ask_many(daemon, 12, chat_request(chat_body(true)))) {
    const RawAnswer answer = client.read_answer(30s);
    // Those that find the memory for all calls taken are told so before they begin.
    CHECK((words_of(answer.body) == "Hello[error stream_broken]" || answer.status >= 500));
  }
  check_below(memory.peak_growth(), 300 * mebibyte_in_kib);
  CHECK(comes_true([&] { return memory.growth() < 20 * mebibyte_in_kib || is_sanitized; }));
}

TEST_CASE("plain answers without end are cut off, however many come at once", "[memory][daemon]") {
  ScriptedProvider bad(
      Script().send(response_head(200, {}) + "{").send_repeatedly(std::string(100'000, ' ')));
  ScriptedProvider good(saying({"Hello"}));
  Gateway daemon({{"bad", bad.base_url(), always_first}, {"good", good.base_url()}});
  const MemoryWatch memory(daemon.process());
  int rescued = 0, refused = 0;
  for (RawClient& client : ask_many(daemon, 8, chat_request(chat_body()))) {
    const RawAnswer answer = client.read_answer(30s);
    rescued += outcome_of(answer).starts_with("200 'Hello' by good after ") ? 1 : 0;
    // Those that find the memory for all calls taken are told to come back.
    refused +=
        outcome_of(answer).starts_with("503 '[error overloaded]'") && !answer.header("retry-after").empty();
  }
  CHECK(rescued + refused == 8);
  CHECK(outcome_of(daemon.ask(false)).starts_with("200 'Hello' by good after "));
  CHECK(bad.open_connections() == 0);
  check_below(memory.peak_growth(), 300 * mebibyte_in_kib);
  CHECK(comes_true([&] { return memory.growth() < 20 * mebibyte_in_kib || is_sanitized; }));
}

TEST_CASE("a hundred thousand header lines of a provider are not kept", "[memory][daemon]") {
  std::string lines;
  for (int i = 0; i < 100'000; ++i)
    lines += "x-" + std::to_string(i) + ": y\r\n";
  const std::string begin = GENERATE(as<std::string>(), "HTTP/1.1 200 OK\r\n", "HTTP/1.1 103 Hints\r\n");
  ScriptedProvider bad(Script().send(begin + lines).hang()), good(saying({"Hello"}));
  Gateway daemon({{"bad", bad.base_url(), always_first}, {"good", good.base_url()}});
  const MemoryWatch memory(daemon.process());
  CHECK(outcome_of(daemon.ask(GENERATE(false, true))).find("by good after 2") != std::string::npos);
  CHECK(daemon.health("bad").substr(0, 25) == "model cooling bad_answer ");
  check_below(memory.peak_growth(), 3'000);
}

TEST_CASE("trailers and chunk extensions of a provider are not kept", "[memory][daemon]") {
  const std::string good_json = chunk(chat_completion("gpt-4", "odd"));
  const std::string head = response_head(200, {{"Transfer-Encoding", "chunked"}});
  const Script endless = GENERATE_COPY(Script()
                                           .send(head + good_json + "0\r\n")
                                           .send_repeatedly("x-trailer: " + std::string(1'000, 'y') + "\r\n"),
                                       Script().send(head + "5;").send_repeatedly(std::string(10'000, 'x')));
  ScriptedProvider bad(endless), good(saying({"Hello"}));
  Gateway daemon(
      {{"bad", bad.base_url(), always_first, R"(["gpt-4"])", R"(,"timeout":1)"}, {"good", good.base_url()}},
      R"("timeouts":{"total":3})");
  const MemoryWatch memory(daemon.process());
  CHECK(outcome_of(daemon.ask(false)) == "200 'Hello' by good after 2");
  CHECK(bad.wait_for([&] { return bad.open_connections() == 0; }, 5s));
  check_below(memory.peak_growth(), 3'000);
}

TEST_CASE("a packed bomb of a request is refused unopened", "[memory][daemon]") {
  ScriptedProvider provider(saying({"no"}));
  Gateway daemon({{"only", provider.base_url()}});
  const MemoryWatch memory(daemon.process());
  const std::string bomb = gzip_bomb(500'000);
  for (const auto* const encoding :
       {"gzip", "x-gzip", "GZIP", "deflate", "br", "gzip, identity", "identity,gzip"}) {
    INFO(encoding);
    CHECK(daemon.post(bomb, std::string("content-encoding: ") + encoding + "\r\n").status == 415);
  }
  CHECK(daemon.post(bomb).status == 400);  // not told to be packed: it is no JSON
  CHECK(provider.connection_count() == 0);
  check_below(memory.peak_growth(), 4'000);
}

TEST_CASE("what a burst took goes back to the system when it is over", "[memory][daemon]") {
  ScriptedProvider provider([](const ReceivedRequest& request, int) {
    return Script().pause(300ms).then(chat(request, std::vector<std::string>(50, std::string(1'000, 'y'))));
  });
  Gateway daemon({{"only", provider.base_url()}});
  const MemoryWatch memory(daemon.process());
  const std::string body = R"({"model":"gpt-4","stream":true,"messages":[{"role":"user","content":")" +
                           std::string(200'000, 'x') + R"("}]})";
  {
    std::vector<RawClient> clients = ask_many(daemon, 300, chat_request(body));
    for (RawClient& client : clients)
      REQUIRE(words_of(client.read_answer(30s).body).ends_with("[DONE]"));
  }
  const long peak = memory.peak_growth();
  if (is_sanitized) return;
  CHECK(peak > 50 * mebibyte_in_kib);
  // Threads are kept for half a minute, and up to 256 connections to the provider, of which newer releases of
  // libcurl take 72 KiB each; bodies are not.
  const bool is_over = comes_true([&] { return memory.growth() < 32 * mebibyte_in_kib; }, 15s);
  INFO("peak " << peak << " KiB, then " << memory.growth() << " KiB");
  CHECK(is_over);
  CHECK(daemon.ask(false).status == 200);
}
