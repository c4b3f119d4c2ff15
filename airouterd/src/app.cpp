#include "app.h"

#include <cstdio>
#include <filesystem>
#include <functional>
#include <malloc.h>
#include <mutex>
#include <sys/prctl.h>

#include <fmt/format.h>

#include "config_input.h"
#include "console.h"
#include "demo/cast.h"
#include "demo/picture.h"
#include "demo/self_request.h"
#include "end_watch.h"
#include "housekeeper.h"
#include "service.h"
#include "signals.h"
#include "store/data_folder.h"

namespace airouterd {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view keys_file_name = "api_keys.json";

// For replies that are being written when no call is left.
constexpr std::chrono::milliseconds close_time = 5s;

// How often memory that a burst has left behind goes back to the system, if nothing is under way.
constexpr std::chrono::milliseconds tidy_interval = 10s;

// The problems of the config go to the standard error, as at the start; the console says how it ended.
void reload(store::ConfigStore& config, Console& console, const Options& options) {
  const auto outcome = config.reload();
  const Language language = language_of(options.language);
  if (!outcome.is_done()) return complain_of(file_of(options), outcome, language);
  for (const airouter::ConfigProblem& warning : warnings_of(*config.current(), options))
    console.say(line_of(file_of(options), warning, language));
}

// The config has served for a while. Complains once of what keeps it from being kept.
void keep_last_good(store::ConfigStore& config, std::string& complaint) {
  const auto kept = config.keep_last_good();
  if (!kept && kept.error().message != complaint) complain("warning: " + kept.error().message);
  complaint = kept ? std::string() : kept.error().message;
}

// Until `holds`, or time runs out, or somebody asks again to stop.
void wait_until(const std::function<bool()>& holds, std::chrono::milliseconds patience,
                bool& is_asked_again) {
  const auto until = std::chrono::steady_clock::now() + patience;
  while (!holds() && !is_asked_again && std::chrono::steady_clock::now() < until)
    is_asked_again = wait_for_signal(5ms) == Signal::stop;
}

// New calls are refused, those in flight go on for a while, then they end with an error that says why; a
// second signal cuts them. Whether there was one.
bool drain(Service& service, Console& console) {
  service.drain();
  console.say(fmt::format("stopping; calls in flight: {}", service.in_flight()),
              fmt::format("正在停止；进行中的请求：{}", service.in_flight()));
  bool is_asked_again = false;
  wait_until([&] { return service.in_flight() == 0; }, service.drain_time(), is_asked_again);
  if (!is_asked_again) {
    if (service.in_flight() > 0) service.end_calls();
    service.close();
    wait_until([&] { return service.has_ended(); }, close_time, is_asked_again);
  }
  service.cut();
  return is_asked_again;
}

Housekeeper::Duties duties_of(Service& service, store::ConfigStore& config, Console& console,
                              const Options& options, bool has_data_folder) {
  Housekeeper::Duties duties;
  duties.save_counters = [&service, &console] {
    if (auto saved = service.save_counters(); !saved) console.say(saved.error().message);
  };
  if (has_data_folder)
    duties.keep_config = [&config, complaint = std::string()]() mutable {
      keep_last_good(config, complaint);
    };
  if (options.command == Options::Command::serve)
    duties.reload = [&config, &console, &options] { reload(config, console, options); };
  return duties;
}

// Nothing here waits for a disk before the calls have ended.
void serve_until_stopped(Service& service, Housekeeper::Duties duties, Console& console, EndWatch& end) {
  {
    Housekeeper housekeeper(std::move(duties));
    for (Signal signal{}; (signal = wait_for_signal(tidy_interval)) != Signal::stop;) {
      if (signal == Signal::reload) {
        housekeeper.ask_to_reload();
      } else if (service.in_flight() == 0) {
        ::malloc_trim(0);
      }
    }
    end.begin(drain(service, console));
  }
  console.say("stopped", "已停止");
}

ConsoleStyle console_style(const Options& options) {
  return {options.language, options.log_format == "json",
          store::log_level_of(options.log_level).value_or(store::LogLevel::info)};
}

// Takes the data folder, if there can be one, and reads what stands in it. Nothing: it must not be used; why
// has been printed.
std::optional<Stored> take(store::DataFolder& data, const std::filesystem::path& folder) {
  std::string problem;
  const auto outcome = data.lock(folder, problem);
  if (outcome == store::DataFolder::Outcome::in_use) {
    complain(problem);
    return std::nullopt;
  }
  Stored stored;
  if (outcome == store::DataFolder::Outcome::unusable) {
    complain("warning: " + problem + "; going on without it");
    stored.is_folder_missing = true;
    if (auto token = store::read_admin_token(folder)) stored.admin_token = *std::move(token);
    // Keys that were made count even if they can only be read.
    std::error_code error;
    if (std::filesystem::exists(folder / keys_file_name, error) || error)
      stored.keys_file = folder / keys_file_name;
    return stored;
  }
  stored.folder = folder;
  stored.keys_file = folder / keys_file_name;
  auto token = store::read_or_make_admin_token(folder);
  if (!token) {
    complain(token.error().message);
    return std::nullopt;
  }
  if (!token->warning.empty()) complain("warning: " + token->warning);
  stored.admin_token = *std::move(token);
  return stored;
}

// What is shown at the start.
Console::Banner banner_of(const Service& service, const airouter::Config& routing,
                          const store::ServerConfig& server, const store::AdminToken& token) {
  Console::Banner banner;
  banner.address = service.address();
  banner.routing = &routing;
  banner.server = &server;
  banner.connections_max = service.connections_max();
  banner.has_client_keys = service.has_client_keys();
  if (server.admin_auth != "none") {
    banner.admin_token = token.text;
    banner.admin_token_file = token.file.string();
  }
  return banner;
}

void prepare_process() {
  block_signals();
  // A thread per connection must not mean a heap per thread, and large bodies go back to the system when
  // done.
  ::mallopt(M_ARENA_MAX, 4);
  ::mallopt(M_MMAP_THRESHOLD, 256 * 1024);
  // Requests come and go: a heap that shrinks and grows with each asks the system for memory all the time.
  ::mallopt(M_TRIM_THRESHOLD, 4 * 1024 * 1024);
  ::mallopt(M_TOP_PAD, 512 * 1024);
  ::prctl(PR_SET_DUMPABLE, 0);  // memory holds keys: no core dumps, no tracing by others
}

// Remembers the last call, for its picture.
class LastCall final : public airouter::Observer {
 public:
  void on_call_finished(const airouter::CallSummary& call,
                        const airouter::Error* /*error*/) noexcept override {
    const std::scoped_lock lock(mutex_);
    call_ = call;
  }
  airouter::CallSummary get() const {
    const std::scoped_lock lock(mutex_);
    return call_;
  }

 private:
  mutable std::mutex mutex_;
  airouter::CallSummary call_{};  // guarded by mutex_
};

// The demonstration's own request, its words as they come, and who was tried.
bool show_failover(const Service& service, const LastCall& last_call) {
  std::printf("\nAsking %s/v1/chat/completions for the model 'demo', streamed:\n\n  ",
              service.address().c_str());
  const auto asked = demo::ask(service.address(), [](std::string_view word) {
    std::printf("%.*s", static_cast<int>(word.size()), word.data());
    std::fflush(stdout);
  });
  std::printf("\n\n");
  if (!asked) {
    complain(asked.error().message);
    return false;
  }
  std::printf("Who was tried (░ waiting, █ output):\n\n%s\n", demo::picture_of(last_call.get()).c_str());
  std::fflush(stdout);
  return true;
}

}  // namespace

ExitCode serve(const Options& options) {
  store::ConfigStore config(place_of(options));
  if (!load(config, options)) return ExitCode::config_invalid;

  prepare_process();
  EndWatch end;  // outlives all that saves something when it goes
  auto console = std::make_shared<Console>(stdout, console_style(options));
  store::DataFolder data;
  const auto stored = take(data, data_folder_of(options));
  if (!stored) return ExitCode::failed;

  Extras extras;
  extras.panel_folder = options.panel_folder;
  auto service = Service::create(config, *stored, console, extras);
  if (!service) {
    complain(service.error().message);
    return ExitCode::cannot_listen;
  }
  if (auto started = (*service)->start(); !started) {
    complain(started.error().message);
    return ExitCode::failed;
  }
  data.tell_address((*service)->address());
  for (const std::string& warning : (*service)->storage_warnings())
    complain("warning: " + warning);
  const auto loaded = config.current();
  Console::Banner banner =
      banner_of(**service, loaded->parsed.routing, loaded->parsed.server, stored->admin_token);
  banner.warnings = warnings_of(*loaded, options);
  console->show_banner(banner);
  serve_until_stopped(**service, duties_of(**service, config, *console, options, !stored->folder.empty()),
                      *console, end);
  return ExitCode::fine;
}

ExitCode demonstrate(const Options& options) {
  prepare_process();
  EndWatch end;
  demo::Cast cast;
  const Stored stored;
  auto console = std::make_shared<Console>(stdout, console_style(options));
  auto last_call = std::make_shared<LastCall>();
  const Extras extras{options.panel_folder, last_call,
                      [&](std::string_view name) { return cast.trip(name); }};
  std::unique_ptr<store::ConfigStore> config;
  const auto load_for = [&](std::optional<int> port) {
    config = std::make_unique<store::ConfigStore>(
        store::ConfigPlace{{}, {}, options.host, port, options.admin_auth});
    return config->load_text(cast.config_text());
  };
  const auto outcome = load_for(options.once && !options.port ? 0 : options.port);
  if (!outcome.is_done()) {
    complain_of("demo", outcome, language_of(options.language));
    return ExitCode::config_invalid;
  }
  auto service = Service::create(*config, stored, console, extras);
  // The usual port may be taken by the real thing.
  if (!service && !options.port && load_for(0).is_done())
    service = Service::create(*config, stored, console, extras);
  if (!service) {
    complain(service.error().message);
    return ExitCode::cannot_listen;
  }
  if (auto started = (*service)->start(); !started) {
    complain(started.error().message);
    return ExitCode::failed;
  }
  const auto loaded = config->current();
  console->show_banner(
      banner_of(**service, loaded->parsed.routing, loaded->parsed.server, stored.admin_token));
  console->set_quiet(true);
  if (!show_failover(**service, *last_call)) return ExitCode::failed;
  console->set_quiet(false);
  if (options.once) return ExitCode::fine;
  std::printf(
      "Serving on. Try it yourself, and watch the lines that follow:\n\n"
      "  curl -N %s/v1/chat/completions -H 'content-type: application/json' \\\n"
      "    -d "
      "'{\"model\":\"demo\",\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}'\n\n",
      (*service)->address().c_str());
  std::fflush(stdout);
  serve_until_stopped(**service, duties_of(**service, *config, *console, options, false), *console, end);
  return ExitCode::fine;
}

}  // namespace airouterd
