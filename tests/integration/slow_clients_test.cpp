#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "demo/chat_scripts.h"
#include "demo/scripted_provider.h"
#include "integration/gateway.h"
#include "integration/memory_watch.h"
#include "support/catch.h"

// Clients that take their time, on purpose or not, all at once: each is bounded by a clock of its own, and
// nobody else waits. The daemon's clocks are real here, so there is one test, as long as the longest of them.
namespace {

using namespace airouterd::demo;
using namespace gateway;

// Smaller than anything the system would choose: what is not read stays with the daemon.
constexpr int tiny_buffer = 4096;

constexpr std::size_t trickling_heads = 100, trickling_bodies = 50, large_bytes = 6'000'000;

Script endless_stream(std::string_view model) {
  return sse_open({role_chunk(model)})
      .send_repeatedly(chunk(event(content_chunk(model, std::string(1'000, 'x')))));
}

std::string head_without_end() {
  const std::string request = raw_request("GET", "/v1/models", {}, "x-slow: ");
  return request.substr(0, request.size() - 2);
}

std::string announced_body(std::size_t bytes) {
  return "POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\ncontent-length: " + std::to_string(bytes) +
         "\r\n\r\n";
}

// As many in one piece as have answers of more than a megabyte.
std::string many(const std::string& request) {
  std::string all;
  for (int i = 0; i < 3'000; ++i)
    all += request;
  return all;
}

// A client that has sent something and waits for its end.
struct Sufferer {
  Sufferer(int port, const std::string& bytes, int receive_buffer = 0) : client(port, receive_buffer) {
    client.send(bytes);
  }

  RawClient client;
  milliseconds ended_after{0};
  std::string heard{};
};

// "100 ended in time, 100 were told": how many ended between those times, and how many heard a 408.
std::string fate_of(const std::vector<Sufferer>& sufferers, milliseconds from, milliseconds to) {
  std::size_t in_time = 0, told = 0;
  for (const Sufferer& sufferer : sufferers) {
    in_time += sufferer.ended_after >= from && sufferer.ended_after <= to ? 1 : 0;
    told += sufferer.heard.starts_with("HTTP/1.1 408 ") ? 1 : 0;
  }
  return std::to_string(in_time) + " ended in time, " + std::to_string(told) + " were told";
}

class Scene {
 public:
  Scene() {
    for (std::size_t i = 0; i < trickling_heads; ++i)
      heads.emplace_back(daemon.port(), head_without_end());
    for (std::size_t i = 0; i < trickling_bodies; ++i)
      bodies.emplace_back(daemon.port(), announced_body(1'000'000) + "{");
    stalling.emplace_back(daemon.port(), announced_body(large_bytes + 1) + std::string(large_bytes, ' '));
    for (int i = 0; i < 5; ++i)
      deaf.emplace_back(daemon.port(), chat_request(chat_body(true, "flood")), tiny_buffer);
    deaf.emplace_back(daemon.port(), chat_request(chat_body(false, "large")), tiny_buffer);
    deaf.emplace_back(daemon.port(), chat_request(chat_body(false, "large")));
    deaf.emplace_back(daemon.port(), many(raw_request("GET", "/v1/models")), tiny_buffer);
    reader.send(chat_request(chat_body(true, "steady")));
  }

  // What happens in a second: everybody trickles, somebody polite asks now and then.
  void live_a_second() {
    const auto until = steady_clock::now() + 1s;
    for (auto* group : {&heads, &bodies})
      for (Sufferer& sufferer : *group)
        if (sufferer.ended_after == 0ms) sufferer.client.send("x");
    read_bytes_ += reader.read_some(1024, 0ms).size();
    while (steady_clock::now() < until) {
      look_who_ended();
      const auto asked_at = steady_clock::now();
      CHECK(outcome_of(daemon.ask(false)) == "200 'Hello' by polite after 1");
      waits.push_back(std::chrono::ceil<milliseconds>(steady_clock::now() - asked_at));
      std::this_thread::sleep_for(100ms);
    }
  }

  // Whether nobody is left but the slow reader.
  bool is_over() const {
    const auto all_ended = [](const std::vector<Sufferer>& group) {
      return std::all_of(group.begin(), group.end(),
                         [](const Sufferer& sufferer) { return sufferer.ended_after != 0ms; });
    };
    return all_ended(heads) && all_ended(bodies) && all_ended(stalling) && all_ended(deaf);
  }

  milliseconds age() const { return std::chrono::ceil<milliseconds>(steady_clock::now() - began_at_); }
  std::size_t read_bytes() const { return read_bytes_; }

  ScriptedProvider polite{saying({"Hello"})}, flood{endless_stream("flood")},
      steady{endless_stream("steady")}, large{chat_answer("large", std::string(large_bytes, 'x'))};
  Gateway daemon{{{"polite", polite.base_url()},
                  {"flood", flood.base_url(), 1, R"(["flood"])"},
                  {"steady", steady.base_url(), 1, R"(["steady"])"},
                  {"large", large.base_url(), 1, R"(["large"])"}}};
  MemoryWatch memory{daemon.process()};
  std::vector<Sufferer> heads{}, bodies{}, stalling{}, deaf{};
  RawClient reader{daemon.port(), tiny_buffer};
  std::vector<milliseconds> waits{};  // of polite clients

 private:
  void look_who_ended() {
    for (auto* group : {&heads, &bodies, &stalling}) {
      for (Sufferer& sufferer : *group) {
        if (sufferer.ended_after != 0ms) continue;
        sufferer.heard = sufferer.client.read_some(4096, 0ms);
        if (!sufferer.heard.empty() || sufferer.client.is_reset()) sufferer.ended_after = age();
      }
    }
    for (Sufferer& sufferer : deaf)
      if (sufferer.ended_after == 0ms && sufferer.client.is_reset()) sufferer.ended_after = age();
  }

  const steady_clock::time_point began_at_ = steady_clock::now();
  std::size_t read_bytes_ = 0;
};

}  // namespace

TEST_CASE("slow, stalling and deaf clients are each ended by a clock, and nobody else waits",
          "[slow][daemon]") {
  Scene scene;
  while (scene.age() < 32s || (!scene.is_over() && scene.age() < 40s))
    scene.live_a_second();

  CHECK(fate_of(scene.heads, 9s, 14s) == "100 ended in time, 100 were told");
  CHECK(fate_of(scene.bodies, 29s, 35s) == "50 ended in time, 50 were told");
  CHECK(fate_of(scene.stalling, 29s, 35s) == "1 ended in time, 1 were told");
  CHECK(fate_of(scene.deaf, 29s, 35s) == "8 ended in time, 0 were told");

  // Whoever reads, however slowly, goes on; the provider is held back, not the words thrown away.
  CHECK(!scene.reader.is_reset());
  CHECK(scene.read_bytes() > 25'000);
  CHECK(scene.steady.open_connections() == 1);
  CHECK(scene.steady.bytes_sent() < 20'000'000);
  CHECK(scene.flood.open_connections() == 0);

  std::sort(scene.waits.begin(), scene.waits.end());
  CHECK(scene.waits.at(scene.waits.size() * 9 / 10) < 500ms);
  CHECK(scene.waits.back() < 5s);  // a busy machine may stand still for once
  CHECK(scene.daemon.stat({"requests", "cancelled"}) == "7");
  CHECK(scene.daemon.stat({"requests", "failed"}) == "0");
  CHECK(scene.daemon.health("flood", "flood") == "healthy");
  INFO("peak " << scene.memory.peak_growth() << " KiB, end " << scene.memory.growth() << " KiB");
  if (!is_sanitized) CHECK(scene.memory.peak_growth() < 80'000);
}
