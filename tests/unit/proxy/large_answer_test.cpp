#include "proxy/large_answer.h"

#include "support/routing_world.h"

using namespace airouter;
using namespace airouter::testing;
using namespace std::chrono_literals;

namespace {

class Memory final : public airouterd::http::Sink {
 public:
  bool write(std::string_view bytes) override {
    all += bytes;
    return true;
  }
  std::string all{};
};

// What a client gets who has until then.
std::string taken(TimePoint until, const std::string& text, bool& is_whole) {
  RoutingWorld world(1);
  world.transport->add("a.test", completion(text));
  Call call = world.router().open(RoutingWorld::request());
  REQUIRE(call.next(TimePoint::max()) == Call::Event::committed);
  REQUIRE(call.next(TimePoint::max()) == Call::Event::data);
  airouterd::proxy::Gate gate(1);
  Memory sink;
  {
    airouterd::proxy::LargeAnswer answer(std::move(call), gate.enter(), until);
    CHECK(gate.in_flight() == 1);
    is_whole = answer.run(sink);
  }
  CHECK(gate.in_flight() == 0);
  return sink.all;
}

}  // namespace

TEST_CASE("a large answer goes out in pieces, and is cut for those who take too long", "[proxy]") {
  const std::string text(GENERATE(65'536, 200'000), 'x');
  bool is_whole = false;
  const auto now = std::chrono::steady_clock::now();
  CHECK(taken(now + 1h, text, is_whole).find(text) != std::string::npos);
  CHECK(is_whole);
  CHECK(taken(now, text, is_whole).empty());
  CHECK(!is_whole);
}
