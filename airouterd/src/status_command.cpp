#include <cstdio>
#include <optional>
#include <string>

#include <fmt/format.h>

#include <airouter/transport.h>

#include "base/json.h"
#include "base/text.h"
#include "commands.h"
#include "config_input.h"
#include "language.h"
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

template <class... Arguments>
std::string said(Language language, std::string_view english, std::string_view chinese,
                 const Arguments&... arguments) {
  return fmt::format(fmt::runtime(pick(language, english, chinese)), arguments...);
}

std::string line_of_provider(const json::Member& member, Language language) {
  const json::Value& state = member.value;
  std::string line = said(language, "{}: {}", "{}：{}", text::printable(member.key), at(&state, "status"));
  if (const auto* left = state.find("cooldown_remaining"); left != nullptr)
    line += said(language, " ({}, {} left)", "（{}，还剩 {}）", at(&state, "cooldown_reason"),
                 text::printable(left->text));
  line += said(language, ", {} of {} attempts answered", "，成功 {} 次，共尝试 {} 次",
               at(&state, "successful_requests"), at(&state, "total_requests"));
  if (const auto* error = state.find("last_error"); error != nullptr && error->is_string())
    line += said(language, "; last error: {}", "；最近的错误：{}",
                 text::shortened(text::printable(error->text), 120));
  return line;
}

void print_stats(const json::Value& stats, Language language) {
  const json::Value* requests = stats.find("requests");
  std::printf("%s\n", said(language, "requests: {} (ok {}, rescued {}, failed {}, cancelled {})",
                           "请求：{}（成功 {}，切换后成功 {}，失败 {}，客户端离开 {}）",
                           at(requests, "total"), at(requests, "ok"), at(requests, "rescued"),
                           at(requests, "failed"), at(requests, "cancelled"))
                          .c_str());
  if (const json::Value* providers = stats.find("providers"); providers != nullptr)
    for (const json::Member& member : providers->members)
      std::printf("%s\n", line_of_provider(member, language).c_str());
}

}  // namespace

ExitCode show_status(const Options& options) {
  store::ConfigStore config(place_of(options));
  if (!load(config, options)) return ExitCode::config_invalid;
  const auto loaded = config.current();
  const Language language = language_of(options.language);
  const std::string address = address_of(options, loaded->parsed.server);
  const auto token = store::read_admin_token(data_folder_of(options));
  const auto transport = airouter::make_curl_transport();
  const Answer health = get(*transport, address + "/health", {});
  const json::Parsed state = json::parse(health.body);
  if (!state.value || state.value->find("available_providers") == nullptr) {
    complain(said(language, "no airouterd answers at {}; is it running, and with this config?",
                  "{} 没有 airouterd 应答；它在运行吗？用的是这份配置吗？", address));
    return ExitCode::failed;
  }
  std::printf("%s\n", said(language, "{}: {}, {} of {} providers available",
                           "{}：{}，可用 Provider {} 个，共 {} 个", address, at(&*state.value, "status"),
                           at(&*state.value, "available_providers"), at(&*state.value, "total_providers"))
                          .c_str());
  const Answer stats = get(*transport, address + "/stats", token ? token->text : std::string());
  const json::Parsed figures = json::parse(stats.body);
  if (stats.status != 200 || !figures.value) {
    complain(said(language, "{}/stats answers {}", "{}/stats 的应答是 {}", address, stats.status));
    return ExitCode::failed;
  }
  print_stats(*figures.value, language);
  return ExitCode::fine;
}

}  // namespace airouterd
