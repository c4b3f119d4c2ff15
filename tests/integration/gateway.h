#pragma once

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/json.h"
#include "demo/chat_scripts.h"
#include "demo/scripted_provider.h"
#include "support/catch.h"
#include "support/child_process.h"
#include "support/paths.h"
#include "support/raw_client.h"
#include "support/sanitized.h"
#include "support/temp_folder.h"

// The real airouterd as a process of its own, in front of providers that live in the test.
namespace gateway {

using namespace std::chrono_literals;
using std::chrono::milliseconds;
using std::chrono::steady_clock;
namespace json = airouter::json;

// What every provider's key begins with: found anywhere outside a provider, a key has leaked.
inline constexpr std::string_view canary = "sk-canary-";

// So large against 1 that the other one is never picked first.
inline constexpr int always_first = 1'000'000;

struct Entry {
  std::string name{}, base_url{};
  int weight = 1;
  std::string models = R"(["gpt-4"])";
  std::string more{};  // further members, as `,"timeout":1`
};

inline std::string config_text(const std::vector<Entry>& entries, const std::string& more = {}) {
  std::string text;
  for (const Entry& entry : entries) {
    text += text.empty() ? "" : ",\n  ";
    text += R"({"name":")" + entry.name + R"(","base_url":")" + entry.base_url + R"(","api_key":")" +
            std::string(canary) + entry.name + R"(","weight":)" + std::to_string(entry.weight) +
            R"(,"supported_models":)" + entry.models + entry.more + "}";
  }
  return "{\"providers\":[\n  " + text + "]" + (more.empty() ? "" : ",\n" + more) + "}\n";
}

// Waits until `holds`, asking every millisecond.
inline bool comes_true(const std::function<bool()>& holds, milliseconds patience = 5s) {
  const auto until = steady_clock::now() + patience;
  while (!holds()) {
    if (steady_clock::now() >= until) return false;
    std::this_thread::sleep_for(1ms);
  }
  return true;
}

inline std::string chat_body(bool stream = false, std::string_view model = "gpt-4") {
  return R"({"model":")" + std::string(model) + R"(","messages":[{"role":"user","content":"Hi"}])" +
         (stream ? R"(,"stream":true})" : "}");
}

inline std::string chat_request(const std::string& body, std::string_view more_head_lines = {}) {
  return raw_request("POST", "/v1/chat/completions", body, more_head_lines);
}

// The port that the banner of a child names, as text or as a line of JSON; 0 if there is none in time.
inline int announced_port(const ChildProcess& process, std::string_view mark = "[STARTUP]") {
  if (!process.says(mark)) return 0;
  const std::string output = process.output();
  const auto address = output.find("http://127.0.0.1:");
  return address == std::string::npos ? 0 : std::atoi(output.c_str() + address + 17);
}

// One airouterd, on a port of its own, with its config and data in a folder of its own. Killed when
// destroyed.
class Gateway {
 public:
  explicit Gateway(const std::vector<Entry>& entries, const std::string& more = {},
                   const std::string& language = "en", const Surroundings& surroundings = {},
                   const std::vector<std::string>& more_arguments = {})
      : surroundings_(surroundings) {
    arguments_ = {"-c",     folder_.write("config.json", config_text(entries, more)),
                  "--port", "0",
                  "--data", folder_.file("data"),
                  "--lang", language};
    arguments_.insert(arguments_.end(), more_arguments.begin(), more_arguments.end());
    start();
  }

  // Ends the process with a signal, lets somebody change its files, and starts it again on another port.
  void restart(
      int signal, const std::function<void()>& meanwhile = [] {}) {
    process_->signal(signal);
    REQUIRE(process_->wait());
    meanwhile();
    start();
  }

  int port() const { return port_; }
  ChildProcess& process() { return *process_; }

  // All that was printed. Lines of calls are gathered for a moment before they are.
  std::string said() {
    std::this_thread::sleep_for(80ms);
    return process_->output() + process_->errors();
  }
  const TempFolder& folder() const { return folder_; }

  // Sends bytes on a connection of their own and reads one answer.
  RawAnswer send(const std::string& bytes, milliseconds within = RawClient::patience) const {
    RawClient client(port_);
    client.send(bytes);
    return client.read_answer(within, bytes.starts_with("HEAD "));
  }
  RawAnswer get(std::string_view target, std::string_view more_head_lines = {}) const {
    return send(raw_request("GET", target, {}, more_head_lines));
  }
  RawAnswer post(const std::string& body, std::string_view more_head_lines = {},
                 milliseconds within = RawClient::patience) const {
    return send(chat_request(body, more_head_lines), within);
  }
  RawAnswer ask(bool stream) const { return post(chat_body(stream)); }

  // What stands at the end of a path in /stats, as text: `{"requests", "total"}` -> "3". Empty: nothing.
  std::string stat(std::initializer_list<std::string_view> path) const {
    const std::string body = get("/stats").body;
    const json::Parsed parsed = json::parse(body);
    const json::Value* value = parsed.value ? &*parsed.value : nullptr;
    for (const std::string_view key : path)
      value = value == nullptr ? nullptr : value->find(key);
    return value == nullptr ? std::string() : value->text;
  }

  // "healthy", or what is out, why and for how long: "model cooling rate_limited 7", "provider
  // permanently_disabled auth".
  std::string health(const std::string& provider, const std::string& model = "gpt-4") const {
    for (const bool is_model : {false, true}) {
      const std::string_view list = is_model ? "models" : "providers";
      const std::string name = is_model ? provider + ":" + model : provider;
      const std::string status = stat({list, name, "status"});
      if (status.empty() || status == "healthy") continue;
      const std::string left = stat({list, name, "cooldown_remaining_s"});
      return (is_model ? "model " : "provider ") + status + " " + stat({list, name, "cooldown_reason"}) +
             (left.empty() ? "" : " " + left);
    }
    return "healthy";
  }

  // "total 3, ok 1, rescued 1, failed 1, cancelled 0"
  std::string requests() const {
    std::string text;
    for (const std::string_view name : {"total", "ok", "rescued", "failed", "cancelled"})
      text += (text.empty() ? "" : ", ") + std::string(name) + " " + stat({"requests", name});
    return text;
  }

 private:
  void start() {
    process_ = std::make_unique<ChildProcess>(airouterd_program(), arguments_, surroundings_);
    const bool is_json = std::find(arguments_.begin(), arguments_.end(), "json") != arguments_.end();
    port_ = announced_port(*process_, is_json ? "is ready at" : "[STARTUP]");
    INFO(process_->output() << process_->errors());
    REQUIRE(port_ > 0);
  }

  TempFolder folder_{};
  const Surroundings surroundings_;
  std::vector<std::string> arguments_{};
  std::unique_ptr<ChildProcess> process_{};
  int port_ = 0;
};

// A provider that answers plain and streamed requests with these words.
inline airouterd::demo::Script chat(const airouterd::demo::ReceivedRequest& request,
                                    const std::vector<std::string>& words) {
  using namespace airouterd::demo;
  const std::string model = requested_model(request.body);
  if (asks_for_stream(request.body)) return chat_stream(model, words);
  std::string all;
  for (const std::string& word : words)
    all += word;
  return chat_answer(model, all);
}

inline auto saying(std::vector<std::string> words) {
  return [words = std::move(words)](const airouterd::demo::ReceivedRequest& request, int) {
    return chat(request, words);
  };
}

// What a client makes of an answer: the text of a completion, or of a stream with "[DONE]" and "[error CODE]"
// where they stand; else the error's code.
inline std::string words_of(std::string_view body) {
  const auto text_at = [](const json::Value* value, std::string_view key) {
    const json::Value* found = value == nullptr ? nullptr : value->find(key);
    return found == nullptr ? std::string() : found->text;
  };
  const auto said = [&](std::string_view data, std::string_view part) -> std::string {
    if (data == "[DONE]") return "[DONE]";
    const json::Parsed parsed = json::parse(data);
    if (!parsed.value) return "[no JSON]";
    if (const json::Value* error = parsed.value->find("error"); error != nullptr && error->is_object())
      return "[error " + text_at(error, "code") + "]";
    const json::Value* choices = parsed.value->find("choices");
    if (choices == nullptr || choices->items.empty()) return {};
    return text_at(choices->items[0].find(part), "content");
  };
  if (!body.starts_with("data: ") && !body.starts_with(":")) return said(body, "message");
  std::string words;
  while (!body.empty()) {
    const auto end = std::min(body.find("\n\n"), body.size());
    const std::string_view event = body.substr(0, end);
    if (event.starts_with("data: ")) {
      words += said(event.substr(6), "delta");
    } else if (event != ": keep-alive") {
      words += "[odd line]";
    }
    if (end == body.size()) words += "[cut]";
    body.remove_prefix(std::min(end + 2, body.size()));
  }
  return words;
}

// "200 'Hello [DONE]' by good after 2": status, words, who answered, at which attempt.
inline std::string outcome_of(const RawAnswer& answer) {
  std::string text = std::to_string(answer.status) + " '" + words_of(answer.body) + "'";
  if (!answer.is_whole) text += " cut short";
  if (const auto provider = answer.header("x-airouter-provider"); !provider.empty())
    text += " by " + std::string(provider);
  if (const auto attempts = answer.header("x-airouter-attempts"); !attempts.empty())
    text += " after " + std::string(attempts);
  return text;
}

}  // namespace gateway
