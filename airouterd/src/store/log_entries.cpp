#include "store/log_entries.h"

#include <array>
#include <string_view>

#include <fmt/format.h>

#include "base/text.h"
#include "store/in_chinese.h"
#include "store/request_facts.h"

namespace airouterd::store {
namespace {

// As servers note clients that left before they had their answer.
constexpr int client_left_status = 499;

LogEntry entry_for(const airouter::CallSummary& call) {
  LogEntry entry;
  entry.model = call.model;
  entry.stream = call.stream;
  if (const RequestFacts* facts = facts_of(call); facts != nullptr) {
    entry.method = facts->method;
    entry.path = facts->path;
    entry.client_ip = facts->client_ip;
    entry.key_id = facts->key_id;
    entry.request_id = facts->request_id;
  }
  return entry;
}

// "Site_A 429, Site_B 500"
std::string tried(std::span<const airouter::Attempt> attempts) {
  std::string text;
  for (const airouter::Attempt& attempt : attempts) {
    text += (text.empty() ? "" : ", ") + attempt.provider + " ";
    const bool has_status = attempt.http_status >= 400;
    text +=
        has_status ? std::to_string(attempt.http_status) : std::string(airouter::to_string(attempt.failure));
  }
  return text;
}

void set_answered(LogEntry& entry) {
  const auto attempts = entry.attempts;
  const bool is_rescued = attempts.size() > 1;
  entry.type = LogType::response;
  entry.level = is_rescued ? LogLevel::warning : LogLevel::info;
  entry.result = is_rescued ? LogResult::rescued : LogResult::ok;
  entry.status = 200;
  entry.message = fmt::format("answered by {}", entry.provider);
  if (is_rescued) entry.message += " after " + tried(attempts.first(attempts.size() - 1));
}

void set_failed(LogEntry& entry, const CallFinished::Failure& failure) {
  entry.type = LogType::error;
  entry.level = failure.is_cancelled ? LogLevel::info : LogLevel::error;
  entry.result = failure.is_cancelled ? LogResult::cancelled : LogResult::failed;
  entry.status = failure.status;
  entry.error = failure.message;
  if (failure.is_cancelled) {
    entry.message = failure.status == client_left_status ? "the client left" : "ended by the server";
    return;
  }
  entry.message = "failed";
  if (!entry.attempts.empty()) entry.message += ": " + tried(entry.attempts);
}

std::string_view in_chinese(airouter::HealthState state) {
  using airouter::HealthState;
  switch (state) {
    case HealthState::healthy:
      return "正常";
    case HealthState::cooling:
      return "冷却中";
    case HealthState::probing:
      return "试探中";
    case HealthState::disabled:
      break;
  }
  return "已停用";
}

std::string_view in_chinese(airouter::FailureKind kind) {
  constexpr std::array<std::string_view, 12> words{"",           "限流",     "额度用尽",   "密钥被拒",
                                                   "没有此模型", "请求被拒", "服务器错误", "过载",
                                                   "无效回答",   "超时",     "网络错误",   "客户端离开"};
  static_assert(words.size() == static_cast<std::size_t>(airouter::FailureKind::cancelled) + 1);
  return words[static_cast<std::size_t>(kind)];
}

std::string in_chinese(const airouter::HealthEvent& event) {
  std::string text = fmt::format("{}{}{}：{} → {}", event.provider, event.model.empty() ? "" : "/",
                                 event.model, in_chinese(event.from), in_chinese(event.to));
  if (event.cause != airouter::FailureKind::none) text += fmt::format("（{}）", in_chinese(event.cause));
  if (event.lasts.count() > 0) text += "，持续 " + airouter::text::duration(event.lasts);
  return text;
}

}  // namespace

LogEntry entry_of(const CallStarted& event) {
  LogEntry entry = entry_for(event.call);
  entry.type = LogType::request;
  entry.level = LogLevel::debug;  // its end says more
  entry.message = "accepted";
  return entry;
}

LogEntry entry_of(const CallFinished& event) {
  const airouter::CallSummary& call = event.call;
  LogEntry entry = entry_for(call);
  entry.duration = call.total;
  entry.attempts = call.attempts;
  entry.skipped = call.skipped;
  if (call.usage) {
    entry.input_tokens = call.usage->input_tokens;
    entry.output_tokens = call.usage->output_tokens;
  }
  if (!call.attempts.empty()) {
    const airouter::Attempt& last = call.attempts.back();
    entry.provider = last.provider;
    if (last.first_output.count() > 0) entry.first_output = last.started + last.first_output;
  }
  event.failure ? set_failed(entry, *event.failure) : set_answered(entry);
  return entry;
}

LogEntry entry_of(const airouter::HealthEvent& event) {
  LogEntry entry;
  const bool is_out =
      event.to == airouter::HealthState::cooling || event.to == airouter::HealthState::disabled;
  entry.level = is_out ? LogLevel::warning : LogLevel::info;
  entry.provider = event.provider;
  entry.model = event.model;
  entry.message = fmt::format("{}{}{}: {} -> {}", event.provider, event.model.empty() ? "" : "/", event.model,
                              airouter::to_string(event.from), airouter::to_string(event.to));
  if (event.cause != airouter::FailureKind::none)
    entry.message += fmt::format(" ({})", airouter::to_string(event.cause));
  if (event.lasts.count() > 0) entry.message += " for " + airouter::text::duration(event.lasts);
  entry.chinese = in_chinese(event);
  return entry;
}

LogEntry entry_of(const RequestRefused& event) {
  LogEntry entry;
  entry.level = LogLevel::warning;
  entry.type = event.is_counted ? LogType::error : LogType::system;
  entry.result = event.is_counted ? LogResult::refused : LogResult::none;
  entry.method = event.method;
  entry.path = event.path;
  entry.client_ip = event.client_ip;
  entry.key_id = event.key_id;
  entry.request_id = event.request_id;
  entry.status = event.status;
  entry.error = event.reason;
  entry.message = "refused";
  if (!event.is_counted) entry.chinese = "已拒绝：" + in_chinese(event.reason);
  if (event.summed > 0) {
    const bool is_one = !event.client_ip.empty();
    entry.count = event.summed;
    entry.message = fmt::format("refused {} more of {} within a minute, this one the last", event.summed,
                                is_one ? event.client_ip : "many addresses");
    entry.chinese = fmt::format("一分钟内还拒绝了来自{}的 {} 个请求，这是最后一个",
                                is_one ? " " + event.client_ip + " " : "多个地址", event.summed);
  }
  return entry;
}

LogEntry entry_of(const Note& event) {
  LogEntry entry;
  entry.level = event.level;
  entry.message = event.message;
  entry.chinese = event.chinese;
  return entry;
}

}  // namespace airouterd::store
