#include <cstdio>
#include <optional>
#include <string>

#include <fmt/format.h>

#include <airouter/transport.h>

#include "base/json.h"
#include "base/text.h"
#include "commands.h"
#include "config_input.h"
#include "service.h"

// `airouterd status`: asks the running server what it tells everybody on this machine.
namespace airouterd {
namespace {

namespace json = airouter::json;
namespace text = airouter::text;
using namespace std::chrono_literals;

constexpr std::chrono::seconds patience = 5s;
constexpr std::size_t answer_bytes_max = std::size_t{16} << 20;

struct Answer {
  int status = 0;  // 0: none came
  std::string body{};
};

Answer get(airouter::Transport& transport, const std::string& url, const std::string& token) {
  airouter::HttpRequest request;
  request.method = "GET";
  request.url = url;
  request.connect_timeout = patience;
  request.proxy = "none";
  if (!token.empty()) request.headers.push_back({"authorization", "Bearer " + token});
  const auto exchange = transport.open(request);
  const auto until = std::chrono::steady_clock::now() + patience;
  Answer answer;
  for (;;) {
    switch (exchange->wait(until, nullptr)) {
      case airouter::Exchange::Event::head:
        answer.status = exchange->head().status;
        break;
      case airouter::Exchange::Event::body:
        answer.body += exchange->body();
        if (answer.body.size() > answer_bytes_max) return {};
        break;
      case airouter::Exchange::Event::end:
        return exchange->failure() == airouter::TransferFailure::none ? answer : Answer{};
      default:
        return {};
    }
  }
}

// A member as text; "?" if it is not there.
std::string at(const json::Value* value, std::string_view key) {
  const json::Value* member = value == nullptr ? nullptr : value->find(key);
  const bool is_text = member != nullptr && (member->is_string() || member->is_number());
  return is_text ? text::printable(member->text) : "?";
}

std::string line_of_provider(const json::Member& member) {
  const json::Value& state = member.value;
  std::string line = fmt::format("{}: {}", text::printable(member.key), at(&state, "status"));
  if (const auto* left = state.find("cooldown_remaining"); left != nullptr)
    line += fmt::format(" ({}, {} left)", at(&state, "cooldown_reason"), text::printable(left->text));
  line += fmt::format(", {} of {} attempts answered", at(&state, "successful_requests"),
                      at(&state, "total_requests"));
  if (const auto* error = state.find("last_error"); error != nullptr && error->is_string())
    line += "; last error: " + text::shortened(text::printable(error->text), 120);
  return line;
}

void print_stats(const json::Value& stats) {
  const json::Value* requests = stats.find("requests");
  std::printf("requests: %s (ok %s, rescued %s, failed %s, cancelled %s)\n", at(requests, "total").c_str(),
              at(requests, "ok").c_str(), at(requests, "rescued").c_str(), at(requests, "failed").c_str(),
              at(requests, "cancelled").c_str());
  if (const json::Value* providers = stats.find("providers"); providers != nullptr)
    for (const json::Member& member : providers->members)
      std::printf("%s\n", line_of_provider(member).c_str());
}

}  // namespace

ExitCode show_status(const Options& options) {
  store::ConfigStore config(place_of(options));
  if (!load(config, options)) return ExitCode::config_invalid;
  const auto loaded = config.current();
  const std::string address = address_of(options, loaded->parsed.server);
  const auto token = store::read_admin_token(data_folder_of(options));
  const auto transport = airouter::make_curl_transport();
  const Answer health = get(*transport, address + "/health", {});
  const json::Parsed state = json::parse(health.body);
  if (!state.value || state.value->find("available_providers") == nullptr) {
    complain(fmt::format("no airouterd answers at {}; is it running, and with this config?", address));
    return ExitCode::failed;
  }
  std::printf("%s: %s, %s of %s providers available\n", address.c_str(), at(&*state.value, "status").c_str(),
              at(&*state.value, "available_providers").c_str(), at(&*state.value, "total_providers").c_str());
  const Answer stats = get(*transport, address + "/stats", token ? token->text : std::string());
  const json::Parsed figures = json::parse(stats.body);
  if (stats.status != 200 || !figures.value) {
    complain(fmt::format("{}/stats answers {}", address, stats.status));
    return ExitCode::failed;
  }
  print_stats(*figures.value);
  return ExitCode::fine;
}

}  // namespace airouterd
