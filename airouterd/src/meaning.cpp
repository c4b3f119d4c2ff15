#include "meaning.h"

#include <algorithm>
#include <array>
#include <chrono>

#include <fmt/format.h>

#include "base/text.h"

namespace airouterd {
namespace {

namespace json = airouter::json;
namespace text = airouter::text;

constexpr std::size_t lines_max = 50;  // of providers, and of mapped names

// The keys that AI-Router-Lite v0.4 knew.
constexpr std::array<std::string_view, 6> old_keys{"server_port",     "server_host", "max_retries",
                                                   "request_timeout", "model_map",   "providers"};

// What differs from the old program. A row is said if `concerns` is in the file, or is empty, and
// `settled_by` is not. Both are JSON pointers, where `*` is any item of a list.
struct Difference {
  std::string_view concerns{}, settled_by{}, english{}, chinese{};
};
constexpr std::array differences{
    Difference{"/server_host", "",
               "server_host: taken at its word, but whoever is not on this machine needs a client key",
               "server_host：按原样采用，但其他机器上的程序必须使用客户端密钥"},
    Difference{"/request_timeout", "/timeouts/total",
               "request_timeout: seconds without a byte; the old program meant the whole request, which is "
               "timeouts.total here, an hour",
               "request_timeout：指没有收到任何数据的秒数；旧程序指整个请求的时间，这里由 timeouts.total "
               "决定，默认一小时"},
    Difference{"/providers/*/timeout", "/timeouts/total",
               "timeout of a provider: seconds without a byte, too",
               "Provider 的 timeout：同样指没有收到任何数据的秒数"},
    Difference{"/max_retries", "", "max_retries: attempts with the first one, each at another provider",
               "max_retries：包括第一次在内的尝试次数，每次使用不同的 Provider"},
    Difference{"", "/admin/auth", "the panel and /api want the admin token that the first start makes",
               "管理面板和 /api 需要首次启动时生成的管理令牌"},
    Difference{"", "",
               "429, 5xx and wrong answers take one model out at that provider, not the whole provider",
               "429、5xx 和错误的响应只停用该 Provider 的这一个模型，而不是整个 Provider"},
    Difference{"", "/cooldown/honor_retry_after",
               "after a 429 that is for as long as the provider's Retry-After says, else for 60 s",
               "429 之后停用的时间以 Provider 的 Retry-After 为准，没有则为 60 秒"},
    Difference{"", "", "an error of the request itself goes to the client at once; it is tried nowhere else",
               "请求本身的错误会立即返回给客户端，不再尝试其他 Provider"},
    Difference{"/model_map", "/rewrite_response_model",
               "answers name the model that was asked for, not the provider's name of it",
               "响应中的模型名是客户端请求的名称，而不是 Provider 的名称"},
    Difference{"", "/log", "logs are kept for 30 days, and up to 1 GB", "日志保留 30 天，最多 1 GB"},
    Difference{"", "", "docs/differences.md has all of it, and how to have the old way back",
               "docs/differences.md 列出了全部差异，以及如何恢复旧的行为"},
};

bool has(const json::Value& value, std::string_view pointer) {
  if (pointer.empty()) return true;
  const std::size_t end = std::min(pointer.find('/', 1), pointer.size());
  const std::string_view name = pointer.substr(1, end - 1), rest = pointer.substr(end);
  if (name == "*")
    return std::any_of(value.items.begin(), value.items.end(),
                       [&](const json::Value& item) { return has(item, rest); });
  const json::Value* member = value.find(name);
  return member != nullptr && has(*member, rest);
}

std::string shown(std::string_view name) {
  return text::shortened(text::printable(name), 80);
}

std::string listed(const std::vector<std::string>& names) {
  std::string list;
  for (const std::string& name : names)
    list += (list.empty() ? "" : ", ") + shown(name);
  return text::shortened(list, 200);
}

std::string counted(std::size_t count, std::string_view noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

class Lines {
 public:
  void title(std::string_view line) { all_ += fmt::format("\n{}\n", line); }
  void add(std::string_view line) { all_ += fmt::format("  {}\n", line); }

  template <class List, class Line>
  void add_all(const List& list, const Line& line, Language language) {
    for (std::size_t i = 0; i < std::min(list.size(), lines_max); ++i)
      add(line(list[i]));
    if (list.size() > lines_max)
      add(fmt::format(fmt::runtime(pick(language, "and {} more", "另有 {} 个")), list.size() - lines_max));
  }
  std::string take() { return std::move(all_); }

 private:
  std::string all_{};
};

// Says what a config means, in one language.
class Teller {
 public:
  Teller(const store::ParsedFile& parsed, Language language)
      : routing_(parsed.routing), server_(parsed.server), language_(language) {}

  std::string server() const {
    const std::string place = fmt::format("{}:{}", shown(server_.host), server_.port);
    const bool is_open = store::is_open_to_all(server_.host);
    if (language_ == Language::chinese)
      return fmt::format("监听 {}{}", place, is_open ? "，即本机的所有网络" : "");
    return fmt::format("listens on {}{}", place, is_open ? ", on every network of this machine" : "");
  }

  std::string request() const {
    const std::string total = text::duration(routing_.timeouts.total);
    if (language_ == Language::chinese)
      return fmt::format("每个请求最多尝试 {} 次，每次使用不同的 Provider，总共最多 {}", routing_.max_retries,
                         total);
    return fmt::format("a request has {}, each at another provider, and {} in all",
                       counted(static_cast<std::size_t>(routing_.max_retries), "attempt"), total);
  }

  std::string provider(const airouter::Provider& provider) const {
    const std::string name = shown(provider.name);
    if (!provider.enabled)
      return name + std::string(say(": off", "：已停用")) + std::string(key_state(provider));
    const airouter::Timeouts& timeouts = airouter::timeouts_of(routing_, provider);
    const std::string connect = text::duration(timeouts.connect),
                      output = text::duration(timeouts.first_output), idle = text::duration(timeouts.idle);
    const std::size_t models = provider.supported_models.size();
    if (language_ == Language::chinese)
      return fmt::format("{}：权重 {}，{} 个模型；{} 内未连接、{} 内无输出或静默 {} 后放弃{}", name,
                         provider.weight, models, connect, output, idle, key_state(provider));
    return fmt::format("{}: weight {}, {}; given up after {} to connect, {} without output, {} of silence{}",
                       name, provider.weight, counted(models, "model"), connect, output, idle,
                       key_state(provider));
  }

  std::string_view say(std::string_view english, std::string_view chinese) const {
    return pick(language_, english, chinese);
  }

 private:
  // As an `api_key` has it: the key itself is never told.
  std::string_view key_state(const airouter::Provider& provider) const {
    if (!provider.api_key.empty()) return "";
    return provider.api_key.masked().empty() ? say(", no key", "，没有密钥")
                                             : say(", its key cannot be found", "，找不到它的密钥");
  }

  const airouter::Config& routing_;
  const store::ServerConfig& server_;
  const Language language_;
};

}  // namespace

std::string meaning_of(const store::ParsedFile& parsed, const json::Value& root, Language language) {
  const Teller teller(parsed, language);
  Lines lines;
  lines.title(teller.say("What it means", "它的含义"));
  lines.add(teller.server());
  lines.add(teller.request());
  lines.add_all(
      parsed.routing.providers, [&](const airouter::Provider& provider) { return teller.provider(provider); },
      language);
  lines.add_all(
      parsed.routing.model_map,
      [](const airouter::ModelMapping& mapping) {
        return fmt::format("{} -> {}", shown(mapping.name), listed(mapping.models));
      },
      language);

  const bool has_old_key = std::any_of(old_keys.begin(), old_keys.end(),
                                       [&](std::string_view key) { return root.find(key) != nullptr; });
  if (!has_old_key) return lines.take();
  lines.title(teller.say("What differs from AI-Router-Lite v0.4", "与 AI-Router-Lite v0.4 的差异"));
  for (const Difference& difference : differences)
    if (has(root, difference.concerns) &&
        (difference.settled_by.empty() || !has(root, difference.settled_by)))
      lines.add(teller.say(difference.english, difference.chinese));
  return lines.take();
}

}  // namespace airouterd
