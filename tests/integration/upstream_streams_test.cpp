#include <string>
#include <string_view>
#include <vector>

#include "demo/chat_scripts.h"
#include "demo/scripted_provider.h"
#include "integration/gateway.h"
#include "support/catch.h"

// Streams that come oddly cut, oddly written, or break after output: what the client reads.
namespace {

using namespace airouterd::demo;
using namespace gateway;

const std::string head = response_head(200, {{"Content-Type", "text/event-stream"}});
const std::string chunked_head =
    response_head(200, {{"Content-Type", "text/event-stream"}, {"Transfer-Encoding", "chunked"}});

// Events as OpenAI writes them.
std::string written(const std::vector<std::string>& events) {
  std::string text;
  for (const std::string& data : events)
    text += event(data);
  return text;
}

const std::string good_stream = written({role_chunk("gpt-4"), content_chunk("gpt-4", "Grüße "),
                                         content_chunk("gpt-4", "你好 🎈"), finish_chunk("gpt-4"), "[DONE]"});

// A provider whose streams are tested, and one whose words nobody may see.
struct World {
  explicit World(Script script, const std::string& more = {})
      : World(Behaviour{.on_request = [script](const ReceivedRequest&, int) { return script; }}, more) {}
  explicit World(Behaviour behaviour, const std::string& more = {})
      : first(std::move(behaviour)),
        daemon({{"first", first.base_url(), always_first}, {"second", second.base_url()}}, more) {}

  // What a client reads, and what becomes of the provider: "200 'Hello [error stream_broken]' cut short by
  // first after 1; model cooling network".
  std::string fate() {
    answer = daemon.ask(true);
    const std::string health = daemon.health("first");
    return outcome_of(answer) + "; " + health.substr(0, health.find_last_not_of("0123456789 ") + 1);
  }

  ScriptedProvider first;
  ScriptedProvider second{saying({"WRONG"})};
  Gateway daemon;
  RawAnswer answer{};
};

const std::string hello = event(role_chunk("gpt-4")) + event(content_chunk("gpt-4", "Hello "));
constexpr std::string_view impatient = R"("timeouts":{"idle":0.3})";

// A stream that says "Hello " and then goes on as the script does.
Script after_hello(const Script& rest) {
  return Script().send(chunked_head + chunk(hello)).then(rest);
}

std::string with_line_ends(std::string text, std::string_view line_end) {
  std::string result;
  for (const char c : text)
    c == '\n' ? result += line_end : result += c;
  return result;
}

}  // namespace

TEST_CASE("a stream may come byte by byte", "[streams][daemon]") {
  World world(Script().send_slowly(head + good_stream, 1, {}).close());
  CHECK(world.fate() == "200 'Grüße 你好 🎈[DONE]' by first after 1; healthy");
  CHECK(world.answer.body == good_stream);
}

TEST_CASE("a stream may be cut anywhere on its way", "[streams][daemon]") {
  const std::string stream =
      event(content_chunk("gpt-4", "é")) + event(finish_chunk("gpt-4")) + event("[DONE]");
  World world(Behaviour{.on_request = [&](const ReceivedRequest&, int nth) {
    const auto cut = static_cast<std::size_t>(nth);
    return Script()
        .send(response_head(200, {{"Content-Length", std::to_string(stream.size())}}) + stream.substr(0, cut))
        .pause(1ms)
        .send(stream.substr(cut));
  }});
  RawClient client(world.daemon.port());
  for (std::size_t cut = 1; cut < stream.size(); ++cut) {
    INFO(cut);
    client.send(chat_request(chat_body(true)));
    REQUIRE(client.read_answer().body == stream);
  }
}

TEST_CASE("line ends of all kinds and a byte order mark come out as line feeds", "[streams][daemon]") {
  const auto line_end = GENERATE(as<std::string>(), "\n", "\r\n", "\r");
  const auto mark = GENERATE(as<std::string>(), "", "\xEF\xBB\xBF");
  World world(Script().send(head + mark + with_line_ends(good_stream, line_end)).close());
  CHECK(world.fate() == "200 'Grüße 你好 🎈[DONE]' by first after 1; healthy");
  CHECK(world.answer.body == good_stream);
}

TEST_CASE("what is no data is dropped, and data of several lines becomes one", "[streams][daemon]") {
  const std::string chunk_text = content_chunk("gpt-4", "Hi");
  const auto half = chunk_text.find(',') + 1;
  const std::string odd = ": comment\n\nid: 7\nretry: 1\nevent: message\ndata:" + chunk_text.substr(0, half) +
                          "\ndata: " + chunk_text.substr(half) + "\n\ndata:\n\nevent: ping\n\n: more\n" +
                          event(finish_chunk("gpt-4")) + "data:[DONE]\n\n";
  World world(Script().send(head + odd).close());
  CHECK(world.fate() == "200 'Hi[DONE]' by first after 1; healthy");
  CHECK(world.answer.body == "data: " + chunk_text.substr(0, half) + " " + chunk_text.substr(half) + "\n\n" +
                                 event(finish_chunk("gpt-4")) + event("[DONE]"));
}

TEST_CASE("an event changes in nothing but its model", "[streams][daemon]") {
  const auto with_model = [](std::string_view model) {
    return R"({ "a":12345678901234567890123, "model" : ")" + std::string(model) +
           R"(","choices":[{"delta":{"content":"\u0048i \ud83d","model":"own"},"x":1E2,"index":0}],"b":"\/"})";
  };
  const std::string finish = finish_chunk("gpt-4");
  World world(Script().send(head + written({with_model("gpt-4-0613"), finish, "[DONE]"})).close());
  world.fate();
  CHECK(world.answer.body == written({with_model("gpt-4"), finish, "[DONE]"}));
}

TEST_CASE("what follows the end of a stream is dropped", "[streams][daemon]") {
  World world(sse({content_chunk("gpt-4", "Hi"), finish_chunk("gpt-4"), "[DONE]",
                   content_chunk("gpt-4", "MORE"), "[DONE]"}));
  for (int i = 0; i < 2; ++i) {
    CHECK(world.fate() == "200 'Hi[DONE]' by first after 1; healthy");
    CHECK(world.answer.body == written({content_chunk("gpt-4", "Hi"), finish_chunk("gpt-4"), "[DONE]"}));
  }
}

TEST_CASE("the end is added to a stream that has given its reason to finish", "[streams][daemon]") {
  const std::string finish = chunk(event(finish_chunk("gpt-4")));
  const Script rest = GENERATE_COPY(Script().send(finish + chunk("")), Script().send(finish).close(),
                                    Script().send(finish).pause(20ms).reset(), Script().send(finish).hang());
  World world(after_hello(rest), std::string(impatient));
  CHECK(world.fate() == "200 'Hello [DONE]' by first after 1; healthy");
}

TEST_CASE("a stream that breaks after output ends with one error and nobody else's words",
          "[streams][daemon]") {
  const std::string two = content_chunk("gpt-4", "é");
  const Script rest = GENERATE_COPY(
      Script().send(chunk("")),                                                     // ends too soon
      Script().close(), Script().pause(20ms).reset(),                               // between events
      Script().send(chunk(event(two).substr(0, 20))).close(),                       // inside an event
      Script().send(chunk(event(two).substr(0, event(two).find("é") + 1))).close()  // inside a character
  );
  World world(after_hello(rest));
  CHECK(world.fate() ==
        "200 'Hello [error stream_broken]' cut short by first after 1; model cooling network");
  CHECK(world.answer.body.substr(hello.size()) ==
        R"(data: {"error":{"message":"first failed after output had been delivered: the stream was cut",)"
        R"("type":"upstream_error","param":null,"code":"stream_broken"}})"
        "\n\n");
  CHECK(world.daemon.requests() == "total 1, ok 0, rescued 0, failed 1, cancelled 0");
  CHECK(world.second.request_count() == 0);
}

TEST_CASE("a stream that stalls after output is shown so far, then ends with one error",
          "[streams][daemon]") {
  World world(after_hello(Script().hang()), std::string(impatient));
  RawClient client(world.daemon.port());
  client.send(chat_request(chat_body(true)));
  REQUIRE(client.read_head());
  REQUIRE(client.read_until("Hello "));
  const auto shown_at = steady_clock::now();
  REQUIRE(client.read_until("stream_broken"));
  CHECK(steady_clock::now() - shown_at > 250ms);
  CHECK(steady_clock::now() - shown_at < 800ms);
  const RawAnswer answer = client.read_answer();
  CHECK(words_of(answer.body) == "Hello [error stream_broken]");
  CHECK(!answer.is_whole);
  CHECK(world.daemon.health("first") == "model cooling timeout 120");
}

TEST_CASE("a broken stream is cut, but slow readers get its error first", "[streams][daemon]") {
  World world(after_hello(Script().close()));
  RawClient client(world.daemon.port());
  client.send(chat_request(chat_body(true)));
  REQUIRE(client.read_head());
  REQUIRE(client.read_until("stream_broken"));
  const auto told_at = steady_clock::now();
  CHECK(!client.read_answer().is_whole);
  CHECK(steady_clock::now() - told_at > 300ms);
  CHECK(steady_clock::now() - told_at < 3s);
}

TEST_CASE("an error or rubbish after output ends the stream with one error", "[streams][daemon]") {
  const std::string one_of_two = R"({"choices":[{"index":1,"delta":{"content":"B"}}]})";
  const auto [rest, cause] = GENERATE_COPY(table<std::string, std::string>({
      {event(error_json("overloaded", "", "server_error")), "server_error"},
      {event("rubbish"), "server_error"},
      {"event: error\ndata: oops\n\n", "server_error"},
      {event(one_of_two) + event(finish_chunk("gpt-4")), "network"},  // one choice is not finished
  }));
  World world(after_hello(Script().send(chunk(rest) + chunk(""))));
  const std::string fate = world.fate();
  CHECK(fate.find("[error stream_broken]' cut short by first after 1; model cooling " + cause) !=
        std::string::npos);
  CHECK(fate.find("[DONE]") == std::string::npos);
}

TEST_CASE("comments for ever do not keep a stream past its total time", "[streams][daemon]") {
  const std::string comment = chunk(": ping\n\n");
  World world(after_hello(Script().send_repeatedly(comment)), R"("timeouts":{"total":0.5})");
  const auto began = steady_clock::now();
  CHECK(world.fate().starts_with("200 'Hello [error stream_broken]' cut short by"));
  CHECK(steady_clock::now() - began < 2000ms);
  CHECK(world.answer.body.find("ping") == std::string::npos);
}

TEST_CASE("an event of 16 MiB is relayed whole", "[streams][daemon]") {
  const std::string big = content_chunk("gpt-4", std::string(16 * 1024 * 1024 - 1024, 'x'));
  World world(sse({big, finish_chunk("gpt-4"), "[DONE]"}));
  world.fate();
  CHECK((world.answer.body == written({big, finish_chunk("gpt-4"), "[DONE]"})));
  if (!is_sanitized) CHECK(world.daemon.process().memory_kib("VmHWM") < 150'000);
}

TEST_CASE("an event without end is cut off, within bounded memory", "[streams][daemon]") {
  const bool is_after_output = GENERATE(false, true);
  const Script endless =
      Script().send(chunk("data: {\"a\":\"")).send_repeatedly(chunk(std::string(60'000, 'x')));
  World world(is_after_output ? after_hello(endless) : Script().send(chunked_head).then(endless));
  const std::string fate = world.fate();
  CHECK(fate ==
        (is_after_output
             ? "200 'Hello [error stream_broken]' cut short by first after 1; model cooling server_error"
             : "200 'WRONG[DONE]' by second after 2; model cooling bad_answer"));
  if (!is_sanitized) CHECK(world.daemon.process().memory_kib("VmHWM") < 100'000);
}

TEST_CASE("a client that stops reading stops the provider, and memory stays", "[streams][daemon]") {
  World world(
      after_hello(Script().send_repeatedly(chunk(event(content_chunk("gpt-4", std::string(10'000, 'x')))))));
  RawClient client(world.daemon.port());
  client.send(chat_request(chat_body(true)));
  REQUIRE(client.read_head());
  std::uint64_t sent = 0;
  auto since = steady_clock::now();
  // The provider's own sending comes to a halt: nothing moves for 300 ms.
  CHECK(comes_true([&] {
    if (world.first.bytes_sent() != sent) {
      sent = world.first.bytes_sent();
      since = steady_clock::now();
    }
    return steady_clock::now() - since > 300ms;
  }));
  CHECK(sent < 40'000'000);
  if (!is_sanitized) CHECK(world.daemon.process().memory_kib("VmHWM") < 40'000);
}
