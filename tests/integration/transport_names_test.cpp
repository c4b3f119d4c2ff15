#include <chrono>
#include <dlfcn.h>
#include <netdb.h>
#include <string>
#include <string_view>
#include <thread>

#include <airouter/transport.h>

#include "demo/scripted_provider.h"
#include "integration/exchange_reader.h"
#include "support/catch.h"

// Stands in front of the system's resolver for the whole test program, so that no test asks a real name
// server: names under .slow take two seconds, and like those under .missing they don't exist; names under
// .metadata lead to an address that must not be dialled.
extern "C" __attribute__((visibility("default"))) int getaddrinfo(const char* node, const char* service,
                                                                  const addrinfo* hints, addrinfo** result) {
  using Function = int (*)(const char*, const char*, const addrinfo*, addrinfo**);
  static const auto real = reinterpret_cast<Function>(::dlsym(RTLD_NEXT, "getaddrinfo"));
  const std::string_view name = node != nullptr ? node : "";
  const auto ends_with = [&](std::string_view end) {
    return name.size() >= end.size() && name.substr(name.size() - end.size()) == end;
  };
  if (ends_with(".slow")) std::this_thread::sleep_for(std::chrono::seconds(2));
  if (ends_with(".slow") || ends_with(".missing")) return EAI_NONAME;
  return real(ends_with(".metadata") ? "169.254.169.254"
              : ends_with(".here")   ? "127.0.0.1"
                                     : node,
              service, hints, result);
}

namespace {

using namespace airouterd::demo;
using namespace exchange_reader;
using namespace std::chrono_literals;

}  // namespace

TEST_CASE("a name that does not exist is told as such", "[transport][faults]") {
  CHECK(ask(*airouter::make_curl_transport(), post_to("http://api.missing")) == "resolve");
}

TEST_CASE("a name leads to its provider", "[transport][faults]") {
  ScriptedProvider provider(json_answer("{}"));
  CHECK(ask(*airouter::make_curl_transport(), post_to("http://a.here:" + std::to_string(provider.port()))) ==
        "200 '{}' none");
}

TEST_CASE("a name cannot lead to an address that is never dialled", "[transport][faults]") {
  const auto began = steady_clock::now();
  CHECK(ask(*airouter::make_curl_transport(), post_to("http://api.metadata")) == "connect");
  CHECK(steady_clock::now() - began < 500ms);
}

TEST_CASE("a slow name lookup delays neither a wait nor an abort", "[transport][faults]") {
  const auto transport = airouter::make_curl_transport();
  auto exchange = transport->open(post_to("http://api.slow"));
  Interrupt interrupt;
  auto began = steady_clock::now();
  CHECK(wait(*exchange, 100ms, &interrupt) == Exchange::Event::timeout);
  CHECK(steady_clock::now() - began < 150ms);
  std::thread other([&] {
    std::this_thread::sleep_for(50ms);
    interrupt.trigger();
  });
  began = steady_clock::now();
  CHECK(wait(*exchange, 5s, &interrupt) == Exchange::Event::interrupted);
  CHECK(steady_clock::now() - began < 150ms);
  other.join();
  began = steady_clock::now();
  exchange.reset();
  CHECK(steady_clock::now() - began < 50ms);
}

TEST_CASE("a slow name lookup counts towards the connect timeout", "[transport][faults]") {
  auto request = post_to("http://api.slow");
  request.connect_timeout = 200ms;
  const auto began = steady_clock::now();
  CHECK(ask(*airouter::make_curl_transport(), request) == "connect_timeout");
  CHECK(steady_clock::now() - began < 400ms);
}
