#include "app.h"

#include <cstdio>
#include <filesystem>
#include <functional>
#include <malloc.h>
#include <mutex>
#include <sys/prctl.h>

#include <fmt/format.h>

#include "base/text_file.h"
#include "console.h"
#include "demo/cast.h"
#include "demo/picture.h"
#include "demo/self_request.h"
#include "service.h"
#include "signals.h"
#include "store/data_folder.h"

namespace airouterd {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view default_file = "config.json";
constexpr std::size_t config_bytes_max = std::size_t{16} << 20;
// For replies that are being written when no call is left.
constexpr std::chrono::milliseconds close_time = 5s;

// How often memory that a burst has left behind goes back to the system, if nothing is under way.
constexpr std::chrono::milliseconds tidy_interval = 10s;

void complain(const std::string& text) {
  std::fputs((text + "\n").c_str(), stderr);
}

// The config file of the command line, or the default one if it is there.
std::string file_of(const Options& options) {
  if (!options.config_file.empty()) return options.config_file;
  std::error_code error;
  return std::filesystem::exists(default_file, error) ? std::string(default_file) : std::string();
}

struct LoadedFile {
  store::ParsedFile parsed{};
  bool is_readable = false;
};

// What to print of a problem: with the file's name, so that editors and people find the place.
std::string line_of(const std::string& file, const airouter::ConfigProblem& problem) {
  return fmt::format("{}:{}", file, airouter::to_string(problem));
}

LoadedFile load(const std::string& file) {
  const airouter::TextFile read = airouter::read_text_file(file, config_bytes_max, airouter::FileKind::any);
  if (!read.problem.empty()) {
    complain(fmt::format("{} {}; start from a copy of config.example.json", file, read.problem));
    return {};
  }
  return {store::parse_file(read.text), true};
}

// Reads a config file to serve by. Nothing if it cannot be used; why has been printed.
std::optional<store::ParsedFile> load_usable(const std::string& file) {
  LoadedFile loaded = load(file);
  for (const airouter::ConfigProblem& problem : loaded.parsed.problems)
    if (problem.fatal) complain(line_of(file, problem));
  if (!loaded.is_readable || !loaded.parsed.is_usable()) return std::nullopt;
  return std::move(loaded.parsed);
}

// What a config file and the command line together are warned about.
std::vector<airouter::ConfigProblem> warnings_of(const store::ParsedFile& parsed, const Options& options) {
  std::vector<airouter::ConfigProblem> warnings = parsed.problems;
  std::erase_if(warnings, [](const auto& problem) { return problem.fatal; });
  if (store::is_open_to_all(options.host)) {
    warnings.push_back({"--host", 0, 0, options.host + " listens on every network of this machine", false});
  }
  return warnings;
}

// The command line wins over the file. False: they do not go together; why has been printed.
bool apply(const Options& options, store::ServerConfig& server) {
  if (!options.host.empty()) server.host = options.host;
  if (options.port) server.port = *options.port;
  if (!options.admin_auth.empty()) server.admin_auth = options.admin_auth;
  const std::string problem = store::admin_problem(server);
  if (!problem.empty()) complain(problem);
  return problem.empty();
}

void reload(Service& service, Console& console, const Options& options) {
  const std::string file = file_of(options);
  if (file.empty())
    return console.say("nothing to reload: there is no config file", "没有配置文件，无需重新加载");
  auto parsed = load_usable(file);
  if (!parsed || !apply(options, parsed->server))
    return console.say("config not reloaded: it is invalid; the running one stays",
                       "配置无效，未重新加载；继续使用当前配置");
  for (const airouter::ConfigProblem& warning : warnings_of(*parsed, options))
    console.say(line_of(file, warning));
  if (auto reloaded = service.reload(parsed->routing, parsed->server); !reloaded)
    return console.say("config not reloaded: " + reloaded.error().message);
  console.say("config reloaded", "配置已重新加载");
}

// Until `holds`, or time runs out, or somebody asks again to stop.
void wait_until(const std::function<bool()>& holds, std::chrono::milliseconds patience,
                bool& is_asked_again) {
  const auto until = std::chrono::steady_clock::now() + patience;
  while (!holds() && !is_asked_again && std::chrono::steady_clock::now() < until)
    is_asked_again = wait_for_signal(5ms) == Signal::stop;
}

// New calls are refused, those in flight go on for a while, then they end with an error that says why; a
// second signal cuts them.
void drain(Service& service, Console& console) {
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
  console.say("stopped", "已停止");
}

void serve_until_stopped(Service& service, Console& console, const Options& options) {
  for (;;) {
    switch (wait_for_signal(tidy_interval)) {
      case Signal::stop:
        return drain(service, console);
      case Signal::reload:
        if (options.command == Options::Command::serve) reload(service, console, options);
        break;
      case Signal::none:
        if (service.in_flight() == 0) ::malloc_trim(0);
        break;
    }
  }
}

std::filesystem::path data_folder_of(const Options& options, const std::string& config_file) {
  return options.data_folder.empty() ? std::filesystem::path(config_file).parent_path() / "data"
                                     : std::filesystem::path(options.data_folder);
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
    if (auto token = store::read_admin_token(folder)) stored.admin_token = *std::move(token);
    return stored;
  }
  stored.folder = folder;
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
  Console::Banner banner{service.address(), &routing, &server, service.connections_max(), {}, {}, {}};
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
  const std::string file = file_of(options);
  auto parsed = file.empty() ? std::optional(store::ParsedFile{}) : load_usable(file);
  if (!parsed) return ExitCode::config_invalid;
  store::ServerConfig& server = parsed->server;
  if (!apply(options, server)) return ExitCode::config_invalid;

  prepare_process();
  auto console = std::make_shared<Console>(stdout, options.language);
  store::DataFolder data;
  const auto stored = take(data, data_folder_of(options, file));
  if (!stored) return ExitCode::failed;

  auto service = Service::create(parsed->routing, server, *stored, console);
  if (!service) {
    complain(service.error().message);
    return ExitCode::cannot_listen;
  }
  if (auto started = (*service)->start(); !started) {
    complain(started.error().message);
    return ExitCode::failed;
  }
  Console::Banner banner = banner_of(**service, parsed->routing, server, stored->admin_token);
  banner.warnings = warnings_of(*parsed, options);
  console->show_banner(banner);
  serve_until_stopped(**service, *console, options);
  return ExitCode::fine;
}

ExitCode check(const Options& options) {
  const std::string file = file_of(options);
  if (file.empty()) {
    complain("there is no config.json here; name a file, or start from a copy of config.example.json");
    return ExitCode::config_invalid;
  }
  const LoadedFile loaded = load(file);
  if (!loaded.is_readable) return ExitCode::config_invalid;
  for (const airouter::ConfigProblem& problem : loaded.parsed.problems)
    std::printf("%s\n", line_of(file, problem).c_str());
  const std::string problem = store::admin_problem(loaded.parsed.server);
  if (!problem.empty()) std::printf("%s: %s\n", file.c_str(), problem.c_str());
  if (!loaded.parsed.is_usable() || !problem.empty()) return ExitCode::config_invalid;
  std::printf("%s is fine: %zu providers, %zu mapped models\n", file.c_str(),
              loaded.parsed.routing.providers.size(), loaded.parsed.routing.model_map.size());
  return ExitCode::fine;
}

ExitCode demonstrate(const Options& options) {
  store::ServerConfig server;
  if (!apply(options, server)) return ExitCode::config_invalid;
  prepare_process();
  const demo::Cast cast;
  const airouter::Config routing = cast.config();
  const Stored stored;
  server.port = options.port.value_or(options.once ? 0 : server.port);
  auto console = std::make_shared<Console>(stdout, options.language);
  auto last_call = std::make_shared<LastCall>();
  auto service = Service::create(routing, server, stored, console, last_call);
  // The usual port may be taken by the real thing.
  if (!service && !options.port) {
    server.port = 0;
    service = Service::create(routing, server, stored, console, last_call);
  }
  if (!service) {
    complain(service.error().message);
    return ExitCode::cannot_listen;
  }
  if (auto started = (*service)->start(); !started) {
    complain(started.error().message);
    return ExitCode::failed;
  }
  console->show_banner(banner_of(**service, routing, server, stored.admin_token));
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
  serve_until_stopped(**service, *console, options);
  return ExitCode::fine;
}

ExitCode show_admin_url(const Options& options) {
  const std::string file = file_of(options);
  auto parsed = file.empty() ? std::optional(store::ParsedFile{}) : load_usable(file);
  if (!parsed || !apply(options, parsed->server)) return ExitCode::config_invalid;
  std::string url = address_of(parsed->server.host, parsed->server.port) + "/admin";
  if (parsed->server.admin_auth != "none") {
    const auto token = store::read_admin_token(data_folder_of(options, file));
    if (!token) {
      complain(token.error().message);
      return ExitCode::failed;
    }
    url += "#token=" + token->text;
  }
  std::printf("%s\n", url.c_str());
  return ExitCode::fine;
}

}  // namespace airouterd
