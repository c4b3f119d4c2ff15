#include "console.h"

#include <cstdlib>
#include <ctime>
#include <unistd.h>

#include <fmt/format.h>

#include <airouter/version.h>

#include "base/text.h"
#include "config_input.h"
#include "store/local_time.h"
#include "store/log_entry.h"
#include "store/request_view.h"

namespace airouterd {
namespace {

using airouter::text::printable;
using store::LogLevel;

constexpr std::string_view green = "32", yellow = "33", red = "31", dim = "2";

std::string_view environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string_view() : value;
}

// The width of a text on a terminal: East Asian characters, three bytes long here, take two columns.
std::size_t columns(std::string_view s) {
  std::size_t width = 0;
  for (const char c : s) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte & 0xC0u) != 0x80u) width += byte >= 0xE3 ? 2 : 1;
  }
  return width;
}

std::string boxed(const std::string& title) {
  std::string line;
  for (std::size_t i = 0; i < columns(title) + 4; ++i)
    line += "─";
  return fmt::format("┌{}┐\n│  {}  │\n└{}┘\n", line, title, line);
}

}  // namespace

Console::Console(std::FILE* out, const ConsoleStyle& style)
    : language_(language_of(style.language)),
      is_json_(style.is_json),
      level_(style.level),
      is_terminal_(::isatty(::fileno(out)) == 1),
      has_color_(is_terminal_ && environment("NO_COLOR").empty()),
      writer_(::fileno(out)) {}

std::string_view Console::pick(std::string_view english, std::string_view chinese) const {
  return chinese.empty() ? english : airouterd::pick(language_, english, chinese);
}

std::string Console::colored(std::string_view text, std::string_view color) const {
  return has_color_ ? fmt::format("\x1b[{}m{}\x1b[0m", color, text) : std::string(text);
}

std::string Console::now_text() const {
  const std::time_t now = std::chrono::system_clock::to_time_t(clock_->wall_now());
  std::tm local{};
  ::localtime_r(&now, &local);
  return fmt::format("{:02}:{:02}:{:02}", local.tm_hour, local.tm_min, local.tm_sec);
}

std::string Console::json_line(LogLevel level, std::string_view message) const {
  store::LogEntry entry;
  entry.id =
      std::chrono::duration_cast<std::chrono::microseconds>(clock_->wall_now().time_since_epoch()).count();
  entry.level = level;
  entry.message = message;
  std::string line, shown;
  store::append_line(line, entry, store::LocalClock().at(entry.id));
  store::append_log_view(shown, line);
  return shown += '\n';
}

void Console::say(std::string_view english, std::string_view chinese, LogLevel level) {
  if (level < level_) return;
  if (is_json_) return writer_.write(json_line(level, pick(english, chinese)));
  writer_.write(fmt::format("{} {}\n", colored(now_text(), dim), pick(english, chinese)));
}

// The token opens everything: a terminal is its owner's, but what goes into a pipe or file is kept.
std::string Console::admin_line(const Banner& banner) const {
  std::string url = banner.address + "/admin";
  if (banner.admin_token.empty()) return url;
  if (is_terminal_) return url + "#token=" + banner.admin_token;
  if (banner.admin_token_file.empty())
    return url +
           std::string(pick(" (its token is shown on a terminal only: start it there, or for this "
                            "machine alone with --admin-auth none)",
                            "（令牌仅在终端显示：请在终端中启动，或仅供本机使用时加上 --admin-auth none）"));
  return fmt::format("{}{}{}{}", url, pick(" (its token is in ", "（令牌在 "),
                     printable(banner.admin_token_file), pick(")", "）"));
}

std::string_view Console::callers_line(const Banner& banner) const {
  const std::string& rule = banner.server->client_auth;
  if (rule == "required") return pick("nobody without a client key", "必须使用客户端密钥");
  if (rule == "any")
    return pick("programs on this machine, with any key or none; others by client key",
                "本机程序可使用任意密钥或不带密钥；其他机器需使用客户端密钥");
  if (banner.has_client_keys) return pick("nobody without a client key", "必须使用客户端密钥");
  return pick(
      "programs on this machine, with any key or none, until the first client key is made; others are "
      "refused",
      "在创建第一个客户端密钥之前，本机程序可使用任意密钥或不带密钥，其他机器会被拒绝");
}

void Console::show_banner(const Banner& banner) {
  if (is_json_) return show_json_banner(banner);
  const auto& routing = *banner.routing;
  std::string text = boxed(fmt::format("airouterd {}", airouter::version()));
  const auto line = [&](std::string_view english, std::string_view chinese, const std::string& value) {
    text += fmt::format("[CONFIG] {}: {}\n", pick(english, chinese), value);
  };
  const bool zh = language_ == Language::chinese;
  line("Address", "服务地址", banner.address);
  line("Admin panel", "管理面板", admin_line(banner));
  line("Max retries", "最大重试次数", std::to_string(routing.max_retries));
  line("Request timeout", "请求超时",
       fmt::format("{}s", std::chrono::duration<double>(routing.timeouts.first_output).count()));
  line("Model map", "模型映射", fmt::format("{}{}", routing.model_map.size(), zh ? " 个" : ""));
  line("Providers", "Provider 数量", fmt::format("{}{}", routing.providers.size(), zh ? " 个" : ""));
  for (const airouter::Provider& provider : routing.providers) {
    text += fmt::format("  - {} ({}: {}, {}: {}){}\n", printable(provider.name), pick("weight", "权重"),
                        provider.weight, pick("models", "模型"), provider.supported_models.size(),
                        provider.enabled ? "" : pick(", off", "，已停用"));
  }
  line("Connections at most", "最大连接数", std::to_string(banner.connections_max));
  line("Who may call", "谁可以调用", std::string(callers_line(banner)));
  for (const airouter::ConfigProblem& warning : banner.warnings)
    text += colored(fmt::format("[CONFIG] {}\n", text_of(warning, language_)), yellow);
  if (routing.providers.empty())
    text += colored(fmt::format("[WARNING] {}\n", pick("no provider is configured yet: every call will fail",
                                                       "尚未配置任何 Provider：所有请求都会失败")),
                    yellow);
  text += fmt::format("[STARTUP] {}\n", pick("Ready, waiting for requests...", "服务启动完成，等待请求..."));
  writer_.write(text);
  writer_.flush();
}

void Console::show_json_banner(const Banner& banner) {
  std::string text;
  for (const airouter::ConfigProblem& warning : banner.warnings)
    text += json_line(LogLevel::warning, text_of(warning, language_));
  text += json_line(LogLevel::info,
                    fmt::format("airouterd {} is ready at {}", airouter::version(), banner.address));
  writer_.write(text);
  writer_.flush();
}

void Console::show_record(LogLevel level, std::string_view line) {
  if (!is_json_ || !shows(level)) return;
  std::string shown;
  store::append_log_view(shown, line);
  writer_.write(shown += '\n');
}

void Console::show_log_trouble(std::string_view problem) {
  if (problem.empty()) return say("the log is written again", "日志恢复写入");
  say(fmt::format("{}; requests go on, but are not logged", problem),
      fmt::format("{}；请求照常处理，但不记入日志", problem), LogLevel::error);
}

void Console::show_refused(std::string_view method, std::string_view path, int status,
                           std::string_view reason) {
  if (!shows_text(LogLevel::warning)) return;
  writer_.write(fmt::format("{} {} {}  {}  {}\n", colored(now_text(), dim), method,
                            airouter::text::shortened(printable(path), 100),
                            colored(std::to_string(status), yellow), printable(reason)));
}

void Console::on_call_started(const airouter::CallSummary& call) noexcept {
  if (!shows_text(LogLevel::debug)) return;
  writer_.write(fmt::format("{} {}  {}\n", colored(now_text(), dim), printable(call.model),
                            pick("accepted", "已接受")));
}

void Console::on_call_finished(const airouter::CallSummary& call, const airouter::Error* error) noexcept {
  const bool is_rescued = error == nullptr && call.attempts.size() > 1;
  const bool has_failed = error != nullptr && error->code != airouter::ErrorCode::cancelled;
  if (!shows_text(has_failed ? LogLevel::error : is_rescued ? LogLevel::warning : LogLevel::info)) return;
  std::string target;
  if (!call.attempts.empty()) {
    const airouter::Attempt& last = call.attempts.back();
    target = fmt::format(" -> {}{}", printable(last.provider),
                         last.model == call.model ? "" : "/" + printable(last.model));
  }
  const int status = error == nullptr ? 200 : airouter::http_status_of(*error);
  const std::string_view color = error != nullptr ? red : is_rescued ? yellow : green;
  const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(call.total).count();
  std::string text =
      fmt::format("{} {}{}{}  {} {}  {}  {} ms", colored(now_text(), dim), printable(call.model), target,
                  call.stream ? pick(" (stream)", "（流式）") : "", call.attempts.size(),
                  call.attempts.size() == 1 ? pick("attempt", "次尝试") : pick("attempts", "次尝试"),
                  colored(std::to_string(status), color), milliseconds);
  if (error != nullptr) text += "  " + printable(error->message);
  writer_.write(text + "\n");
}

void Console::on_health(const airouter::HealthEvent& event) noexcept {
  using airouter::HealthState;
  const bool is_out = event.to == HealthState::cooling || event.to == HealthState::disabled;
  if (!shows_text(is_out ? LogLevel::warning : LogLevel::info)) return;
  std::string text = fmt::format("{} {}{}{}: {} -> {}", colored(now_text(), dim), printable(event.provider),
                                 event.model.empty() ? "" : "/", printable(event.model),
                                 airouter::to_string(event.from), airouter::to_string(event.to));
  if (event.cause != airouter::FailureKind::none)
    text += fmt::format(" ({})", airouter::to_string(event.cause));
  if (event.lasts.count() > 0) text += " " + airouter::text::duration(event.lasts);
  writer_.write(text + "\n");
}

}  // namespace airouterd
