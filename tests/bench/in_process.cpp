// The library in process: a call beside plain libcurl, and a pick in a big config. Prints "NAME ROUND VALUE"
// lines.

#include <cstdio>
#include <ctime>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <curl/curl.h>

#include <airouter/airouter.h>

#include "base/random.h"
#include "load_target.h"
#include "routing/planner.h"
#include "socket.h"

namespace {

// Of this process, so that libcurl's own threads would count, too.
std::int64_t cpu_ns() {
  timespec used{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
  return static_cast<std::int64_t>(used.tv_sec) * bench::ns_per_s + used.tv_nsec;
}

void print_round(const char* name, int round, double value) {
  std::printf("%s %d %.4f\n", name, round, value);
}

// One easy handle, used again and again, with the options that a careful program sets.
class PlainCurl {
 public:
  explicit PlainCurl(const std::string& url) : easy_(curl_easy_init()) {
    for (const char* line : {"Content-Type: application/json", "Authorization: Bearer sk-benchmark-upstream",
                             "Accept-Encoding: identity", "Expect:"}) {
      lines_ = curl_slist_append(lines_, line);
    }
    curl_easy_setopt(easy_, CURLOPT_URL, url.c_str());
    curl_easy_setopt(easy_, CURLOPT_HTTPHEADER, lines_);
    curl_easy_setopt(easy_, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy_, CURLOPT_TCP_NODELAY, 1L);
    curl_easy_setopt(easy_, CURLOPT_WRITEFUNCTION, &PlainCurl::append);
  }
  ~PlainCurl() {
    curl_easy_cleanup(easy_);
    curl_slist_free_all(lines_);
  }
  PlainCurl(const PlainCurl&) = delete;
  PlainCurl& operator=(const PlainCurl&) = delete;

  bool call(const std::string& body) {
    std::string answer;
    curl_easy_setopt(easy_, CURLOPT_POSTFIELDSIZE, static_cast<long>(body.size()));
    curl_easy_setopt(easy_, CURLOPT_POSTFIELDS, body.c_str());
    curl_easy_setopt(easy_, CURLOPT_WRITEDATA, &answer);
    long status = 0;
    return curl_easy_perform(easy_) == CURLE_OK &&
           curl_easy_getinfo(easy_, CURLINFO_RESPONSE_CODE, &status) == CURLE_OK &&
           bench::is_expected_answer(static_cast<int>(status), answer);
  }

 private:
  static std::size_t append(char* bytes, std::size_t size, std::size_t count, void* answer) {
    static_cast<std::string*>(answer)->append(bytes, size * count);
    return size * count;
  }

  CURL* easy_;
  curl_slist* lines_ = nullptr;
};

airouter::Router router_for(int port) {
  airouter::Config config;
  config.providers.push_back({.name = "bench",
                              .base_url = "http://127.0.0.1:" + std::to_string(port) + "/v1",
                              .api_key = airouter::Secret("sk-benchmark-upstream"),
                              .supported_models = {"plain"}});
  return airouter::Router::create(std::move(config)).value();
}

bool call_library(airouter::Router& router, const std::string& body) {
  auto request = airouter::ChatRequest::parse(body);
  if (!request) return false;
  const auto response = router.call(*std::move(request));
  return response && bench::is_expected_answer(response->head.status, response->body);
}

// Processor time of one call, in microseconds; negative if one failed.
template <class Call>
double cpu_us_of(int calls, Call&& call) {
  const std::int64_t before = cpu_ns();
  for (int i = 0; i < calls; ++i)
    if (!call()) return -1;
  return static_cast<double>(cpu_ns() - before) / bench::ns_per_us / calls;
}

// The two in turn, round by round, over one connection each.
bool compare_calls(int port, int rounds, int calls) {
  const std::string body = bench::request_body("plain", false);
  PlainCurl plain("http://127.0.0.1:" + std::to_string(port) + "/v1/chat/completions");
  airouter::Router router = router_for(port);
  for (int round = 0; round <= rounds; ++round) {
    const double curl_us = cpu_us_of(calls, [&] { return plain.call(body); });
    const double library_us = cpu_us_of(calls, [&] { return call_library(router, body); });
    if (curl_us < 0 || library_us < 0) return false;
    if (round == 0) continue;  // everything was cold
    print_round("cpu_us_per_call.libcurl", round, curl_us);
    print_round("cpu_us_per_call.library", round, library_us);
  }
  return true;
}

constexpr int providers = 1000, models_each = 100, candidates_each = 32;
constexpr int models = providers * models_each / candidates_each;

std::string model_name(int number) {
  return "vendor/model-" + std::to_string(number % models);
}

// Every model is offered by 32 providers of different weights.
airouter::Config big_config() {
  airouter::Config config;
  for (int i = 0; i < providers; ++i) {
    airouter::Provider provider{.name = "provider-" + std::to_string(i),
                                .base_url = "https://provider-" + std::to_string(i) + ".example/v1",
                                .api_key = airouter::Secret("sk-benchmark-" + std::to_string(i)),
                                .weight = 1 + i % 10};
    for (int j = 0; j < models_each; ++j)
      provider.supported_models.push_back(model_name(i * models_each + j));
    config.providers.push_back(std::move(provider));
  }
  return config;
}

// `step` 0 asks for one model over and over, another one goes through all of them.
bool measure_picks(const airouter::routing::RouteTable& routes, const char* name, int rounds, int picks,
                   int step) {
  airouter::Random random(1);
  std::vector<std::string> names;
  names.reserve(models);
  for (int i = 0; i < models; ++i)
    names.push_back(model_name(i * step));
  for (int round = 0; round <= rounds; ++round) {
    std::size_t next = 0;
    const double us = cpu_us_of(picks, [&] {
      const airouter::TimePoint now = std::chrono::steady_clock::now();
      airouter::routing::Planner planner(routes.candidates(names[next]));
      next = (next + 1) % names.size();
      return planner.pick(now, random).has_value() && planner.candidate_count() == candidates_each;
    });
    if (us < 0) return false;
    if (round > 0) print_round(name, round, us);
  }
  return true;
}

bool measure_big_config(int rounds, int picks) {
  constexpr int prime = 1009;
  const auto config = std::make_shared<const airouter::Config>(big_config());
  airouter::routing::HealthTable health;
  const std::int64_t before = cpu_ns();
  const airouter::routing::RouteTable routes(config, health);
  print_round("big_config.routes_ms", 1, static_cast<double>(cpu_ns() - before) / bench::ns_per_ms);
  return measure_picks(routes, "pick_us.one_model", rounds, picks, 0) &&
         measure_picks(routes, "pick_us.all_models", rounds, picks, prime);
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"The library in process.", "bench_in_process"};
  app.require_subcommand(1);
  int port = 0, rounds = 7, calls = 2000, picks = 100'000;
  app.add_option("--rounds", rounds, "rounds");
  CLI::App* call = app.add_subcommand("call", "Router::call beside plain libcurl");
  call->add_option("--port", port, "port of bench_upstream")->required();
  call->add_option("--calls", calls, "calls of each in a round");
  CLI::App* pick =
      app.add_subcommand("pick", "a pick among 32 candidates of 1 000 providers with 100 models each");
  pick->add_option("--picks", picks, "picks in a round");
  CLI11_PARSE(app, argc, argv);
  const bool is_fine = *call ? compare_calls(port, rounds, calls) : measure_big_config(rounds, picks);
  if (!is_fine) std::fputs("bench_in_process: an answer was not as expected\n", stderr);
  return is_fine ? 0 : 1;
}
