// What an event of a stream costs in process: pulled from the C++ library, and from the C interface, text
// included. Streams in turn, so that both see the same machine. Prints "NAME ROUND VALUE" lines.

#include <airouter.h>
#include <cstdio>
#include <ctime>
#include <string>

#include <CLI/CLI.hpp>

#include <airouter/airouter.h>

#include "load_target.h"
#include "socket.h"

namespace {

std::int64_t cpu_ns() {
  timespec used{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
  return static_cast<std::int64_t>(used.tv_sec) * bench::ns_per_s + used.tv_nsec;
}

struct Settings {
  int port = 0, rounds = 25, events = 200, rate = 1000;

  std::string model() const { return "stream-" + std::to_string(rate) + "x" + std::to_string(events); }
  std::string request() const { return bench::request_body(model(), true); }
  std::string config() const {
    return R"({"providers":[{"name":"bench","base_url":"http://127.0.0.1:)" + std::to_string(port) +
           R"(/v1","api_key":"k","supported_models":["*"]}]})";
  }
};

// How often something came, and how many bytes of text.
struct Heard {
  std::size_t pieces = 0, text_bytes = 0;
};

Heard through_cpp(airouter::Router& router, const std::string& request) {
  Heard heard;
  airouter::Call call = router.open(airouter::ChatRequest::parse(request).value());
  for (;;) {
    switch (call.next(airouter::TimePoint::max())) {
      case airouter::Call::Event::data:
        ++heard.pieces;
        heard.text_bytes += airouter::text_of(call.data()).size();
        break;
      case airouter::Call::Event::end:
        return heard;
      case airouter::Call::Event::failed:
        return {};
      default:
        break;
    }
  }
}

Heard through_c(airouter_router* router, const std::string& request) {
  Heard heard;
  airouter_error* error = nullptr;
  airouter_call* call = airouter_call_open(router, request.data(), request.size(), nullptr, &error);
  for (;;) {
    const airouter_event event = airouter_call_next(call, -1, &error);
    if (event == AIROUTER_DATA) {
      static_cast<void>(airouter_call_data(call));
      ++heard.pieces;
      heard.text_bytes += airouter_call_text(call).length;
    }
    if (event == AIROUTER_FAILED) heard = {};
    if (event != AIROUTER_FAILED && event != AIROUTER_END) continue;
    airouter_call_free(call);
    airouter_error_free(error);
    return heard;
  }
}

template <class Stream>
bool measure(const char* name, int round, int events, Stream&& stream) {
  const std::int64_t before = cpu_ns();
  const Heard heard = stream();
  const double us = static_cast<double>(cpu_ns() - before) / bench::ns_per_us;
  if (heard.text_bytes == 0) return false;
  if (round > 0) std::printf("%s %d %.4f\n", name, round, us / events);
  std::fflush(stdout);
  return true;
}

bool compare(const Settings& settings) {
  auto cpp = airouter::Router::create(airouter::parse_config(settings.config()).value()).value();
  const std::string config = settings.config(), request = settings.request();
  airouter_router* c = airouter_router_create(config.data(), config.size(), nullptr);
  bool is_fine = true;
  for (int round = 0; round <= settings.rounds && is_fine; ++round)
    is_fine =
        measure("cpu_us_per_event.cpp", round, settings.events, [&] { return through_cpp(cpp, request); }) &&
        measure("cpu_us_per_event.c", round, settings.events, [&] { return through_c(c, request); });
  airouter_router_free(c);
  return is_fine;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"An event in process, through C++ and through C.", "bench_bindings"};
  Settings settings;
  app.add_option("--port", settings.port, "port of bench_upstream")->required();
  app.add_option("--rounds", settings.rounds, "rounds, after one that warms up");
  app.add_option("--events", settings.events, "events of a stream");
  app.add_option("--rate", settings.rate, "events a second");
  CLI11_PARSE(app, argc, argv);
  if (compare(settings)) return 0;
  std::fputs("bench_bindings: a stream was not as expected\n", stderr);
  return 1;
}
