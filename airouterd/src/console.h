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

#include "line_writer.h"
#include "store/server_config.h"

namespace airouterd {

// What the operator reads: a banner at the start, then a line per finished call and per change of health.
// Nobody who has something to say waits for the operator's terminal. Thread-safe.
class Console final : public airouter::Observer {
 public:
  enum class Language { english, chinese };

  // `language` as on the command line; empty: from the locale's environment variables.
  explicit Console(std::FILE* out, std::string_view language = {});

  struct Banner {
    std::string address{};  // "http://127.0.0.1:8000"
    const airouter::Config* routing = nullptr;
    const store::ServerConfig* server = nullptr;
    std::size_t connections_max = 0;
    std::string admin_token{};       // empty: none is needed
    std::string admin_token_file{};  // that holds it; empty: none does
    std::vector<airouter::ConfigProblem> warnings{};
  };
  void show_banner(const Banner& banner);  // returns when it has been written

  // A line of its own, e.g. "config reloaded".
  void say(std::string_view text_in_english, std::string_view text_in_chinese = {});

  // A request that was turned away before it became a call.
  void show_refused(std::string_view method, std::string_view path, int status, std::string_view reason);

  // While quiet, calls and health changes are not shown: the demonstration has the stage.
  void set_quiet(bool quiet) noexcept { quiet_ = quiet; }

  void on_call_finished(const airouter::CallSummary& call, const airouter::Error* error) noexcept override;
  void on_health(const airouter::HealthEvent& event) noexcept override;

 private:
  std::string_view pick(std::string_view english, std::string_view chinese) const;
  std::string colored(std::string_view text, std::string_view color) const;
  std::string now_text() const;
  std::string admin_line(const Banner& banner) const;
  std::string_view callers_line(const Banner& banner) const;

  // Constant after construction.
  const Language language_;
  const bool is_terminal_;
  const bool has_color_;
  const std::shared_ptr<airouter::Clock> clock_ = airouter::make_system_clock();

  // Own synchronization.
  std::atomic<bool> quiet_{false};
  LineWriter writer_;
};

}  // namespace airouterd
