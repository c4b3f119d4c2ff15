#pragma once

#include <atomic>
#include <cstdio>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include <airouter/call.h>
#include <airouter/clock.h>
#include <airouter/config.h>
#include <airouter/events.h>

#include "language.h"
#include "line_writer.h"
#include "store/log_words.h"
#include "store/server_config.h"

namespace airouterd {

// How the console's lines look, and which there are.
struct ConsoleStyle {
  std::string language{};  // as on the command line; empty: from the locale's environment variables
  bool is_json = false;    // a line is what GET /api/logs shows of a record
  store::LogLevel level = store::LogLevel::info;  // what matters less is not shown
};

// What the operator reads: a banner at the start, then a line per finished call and per change of health.
// Nobody who has something to say waits for the operator's terminal. Thread-safe.
class Console final : public airouter::Observer {
 public:
  explicit Console(std::FILE* out, const ConsoleStyle& style = {});

  struct Banner {
    std::string address{};  // "http://127.0.0.1:8000"
    const airouter::Config* routing = nullptr;
    const store::ServerConfig* server = nullptr;
    std::size_t connections_max = 0;
    bool has_client_keys = false;    // there is one, or was
    std::string admin_token{};       // empty: none is needed
    std::string admin_token_file{};  // that holds it; empty: none does
    std::vector<airouter::ConfigProblem> warnings{};
  };
  void show_banner(const Banner& banner);  // returns when it has been written

  // A line of its own, e.g. "config reloaded".
  void say(std::string_view text_in_english, std::string_view text_in_chinese = {},
           store::LogLevel level = store::LogLevel::info);

  // A request that was turned away before it became a call.
  void show_refused(std::string_view method, std::string_view path, int status, std::string_view reason);

  // A record of the log, by its line: where lines are JSON, it stands for the call or the change it tells of.
  void show_record(store::LogLevel level, std::string_view line);

  // Why the log cannot be written; empty: it can be again.
  void show_log_trouble(std::string_view problem);

  // While quiet, calls and health changes are not shown: the demonstration has the stage.
  void set_quiet(bool quiet) noexcept { quiet_ = quiet; }

  void on_call_started(const airouter::CallSummary& call) noexcept override;
  void on_call_finished(const airouter::CallSummary& call, const airouter::Error* error) noexcept override;
  void on_health(const airouter::HealthEvent& event) noexcept override;

 private:
  std::string_view pick(std::string_view english, std::string_view chinese) const;
  std::string colored(std::string_view text, std::string_view color) const;
  std::string now_text() const;
  bool shows(store::LogLevel level) const noexcept { return !quiet_ && level >= level_; }
  bool shows_text(store::LogLevel level) const noexcept { return !is_json_ && shows(level); }
  std::string json_line(store::LogLevel level, std::string_view message) const;
  void show_json_banner(const Banner& banner);
  std::string admin_line(const Banner& banner) const;
  std::string_view callers_line(const Banner& banner) const;

  // Constant after construction.
  const Language language_;
  const bool is_json_;
  const store::LogLevel level_;
  const bool is_terminal_;
  const bool has_color_;
  const std::shared_ptr<airouter::Clock> clock_ = airouter::make_system_clock();

  // Own synchronization.
  std::atomic<bool> quiet_{false};
  LineWriter writer_;
};

}  // namespace airouterd
