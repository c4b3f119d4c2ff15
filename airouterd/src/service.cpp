#include "service.h"

#include <algorithm>
#include <limits>
#include <sys/resource.h>
#include <system_error>

#include <fmt/format.h>

namespace airouterd {
namespace {

// A stream takes up to six descriptors: the client's, its epoll and event descriptors, and curl's.
constexpr rlim_t descriptors_per_connection = 6, descriptors_reserved = 64;

// How many connections the descriptors of this process allow; the soft limit is raised to the hard one first.
std::size_t connections_allowed() {
  constexpr std::size_t no_bound = std::numeric_limits<std::size_t>::max();
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return no_bound;
  limit.rlim_cur = limit.rlim_max;
  if (::setrlimit(RLIMIT_NOFILE, &limit) != 0) ::getrlimit(RLIMIT_NOFILE, &limit);
  if (limit.rlim_cur == RLIM_INFINITY) return no_bound;
  const rlim_t spare = limit.rlim_cur > descriptors_reserved ? limit.rlim_cur - descriptors_reserved : 0;
  return static_cast<std::size_t>(std::max<rlim_t>(spare / descriptors_per_connection, 1));
}

http::ServerOptions server_options(const store::ServerConfig& server, std::size_t connections_max,
                                   airouter::ByteBudget& body_bytes, airouter::ByteBudget& api_body_bytes,
                                   const Dispatcher& dispatcher) {
  http::ServerOptions options;
  options.host = server.host;
  options.port = server.port;
  options.max_connections = connections_max;
  options.reserve_of = [&dispatcher](const http::Head& head) { return dispatcher.reserve_of(head); };
  options.body_budget = &body_bytes;
  options.api_body_budget = &api_body_bytes;
  return options;
}

http::ClientAuth client_auth_of(const store::ServerConfig& server) {
  if (server.client_auth == "required") return http::ClientAuth::required;
  return server.client_auth == "any" ? http::ClientAuth::any : http::ClientAuth::automatic;
}

admin::Auth admin_auth_of(const store::ServerConfig& server) {
  if (server.admin_auth == "none") return admin::Auth::none;
  return server.admin_auth == "password" ? admin::Auth::password : admin::Auth::token;
}

std::uint64_t log_bytes_max(const store::ServerConfig& server) {
  return static_cast<std::uint64_t>(server.log_max_mb) * airouter::limits::mebibyte;
}

store::RequestLogOptions log_options(const store::ServerConfig& server, const Stored& stored,
                                     const std::shared_ptr<Console>& console) {
  store::RequestLogOptions options;
  if (!stored.folder.empty()) options.folder = stored.folder / "logs";
  options.is_folder_missing = stored.is_folder_missing;
  options.days_kept = server.log_keep_days;
  options.bytes_max = log_bytes_max(server);
  options.on_record = [console](store::LogLevel level, std::string_view line) {
    console->show_record(level, line);
  };
  options.on_sum = [console](const std::string& english, const std::string& chinese) {
    console->say(english, chinese);
  };
  options.on_trouble = [console](std::string_view problem) { console->show_log_trouble(problem); };
  return options;
}

}  // namespace

std::string address_of(const std::string& host, int port) {
  const bool is_everywhere = store::is_open_to_all(host);
  const bool is_bare_ipv6 = host.find(':') != std::string::npos;
  return fmt::format("http://{}:{}",
                     is_everywhere  ? "127.0.0.1"
                     : is_bare_ipv6 ? "[" + host + "]"
                                    : host,
                     port);
}

Service::Service(airouter::Router router, store::ConfigStore& config, const Stored& stored,
                 const Extras& extras, std::shared_ptr<Console> console,
                 std::shared_ptr<store::Statistics> statistics, std::shared_ptr<store::RequestLog> log,
                 std::shared_ptr<Observers> observers, std::size_t connections_allowed)
    : console_(std::move(console)),
      statistics_(std::move(statistics)),
      log_(std::move(log)),
      observers_(std::move(observers)),
      connections_max_(std::min(static_cast<std::size_t>(config.current()->parsed.server.max_connections),
                                connections_allowed)),
      host_(config.current()->parsed.server.host),
      router_(std::move(router)),
      gate_(config.current()->parsed.server.max_in_flight),
      keys_(stored.keys_file, clock_),
      door_(stored.admin_token.text, clock_),
      tester_(airouter::make_curl_transport()),
      admin_{
          router_,    *statistics_, [this] { return gate_.is_draining(); },
          door_,      keys_,        config,
          tester_,    *log_,        {config.place().file.string(), extras.panel_folder, connections_allowed},
          extras.trip},
      dispatcher_({router_, gate_, admin_}, door_, keys_, *console_),
      server_(server_options(config.current()->parsed.server, connections_max_, body_bytes_, api_body_bytes_,
                             dispatcher_)) {}

airouter::Result<std::unique_ptr<Service>> Service::create(store::ConfigStore& config, const Stored& stored,
                                                           std::shared_ptr<Console> console,
                                                           const Extras& extras) {
  const auto loaded = config.current();
  const store::ServerConfig& server = loaded->parsed.server;
  auto statistics = std::make_shared<store::Statistics>();
  auto log = std::make_shared<store::RequestLog>(log_options(server, stored, console));
  std::vector<std::shared_ptr<airouter::Observer>> told{statistics, console};
  if (server.log_enabled) told.push_back(log);
  if (extras.observer) told.push_back(extras.observer);
  auto observers = std::make_shared<Observers>(std::move(told));
  airouter::RouterOptions options;
  options.observer = observers;
  auto router = airouter::Router::create(loaded->parsed.routing, options);
  if (!router) return router.error();
  std::unique_ptr<Service> service(new Service(*std::move(router), config, stored, extras, std::move(console),
                                               std::move(statistics), std::move(log), std::move(observers),
                                               connections_allowed()));
  auto port = service->server_.bind();
  if (!port) return port.error();
  service->port_ = *port;
  service->set_serving(loaded->parsed.routing, server);
  config.connect([self = service.get()](const auto& routing,
                                        const auto& changed) { return self->reload(routing, changed); },
                 [said = service->console_, told = service->log_](const std::string& english,
                                                                  const std::string& chinese) {
                   said->say(english, chinese);
                   told->note(store::LogLevel::info, english, chinese);
                 });
  return service;
}

Service::~Service() {
  cut();
  if (thread_.joinable()) thread_.join();
}

airouter::Result<void> Service::start() {
  try {
    thread_ = std::thread([this] {
      server_.run([this](http::Request& request) { return dispatcher_.handle(request); });
      has_ended_ = true;
    });
  } catch (const std::system_error& error) {
    airouter::Error failure;
    failure.code = airouter::ErrorCode::overloaded;
    failure.message = fmt::format("cannot start a thread: {}", error.code().message());
    return failure;
  }
  return {};
}

void Service::drain() noexcept {
  gate_.drain();
  log_->live().close();
}

void Service::end_calls() noexcept {
  observers_->end_calls();
  server_.interrupt();
}

void Service::cut() noexcept {
  observers_->end_calls();
  server_.stop();
}

void Service::set_serving(const airouter::Config& routing, const store::ServerConfig& server) {
  drain_time_ = server.drain_time;
  log_->set_limits(server.log_keep_days, log_bytes_max(server));
  Serving serving;
  serving.routing = routing;
  serving.access.server_host = server.host;
  serving.access.public_url = server.public_url;
  serving.access.allowed_hosts = server.allowed_hosts;
  serving.access.allowed_origins = server.allowed_origins;
  serving.access.trusted_proxies = server.trusted_proxies;
  serving.access.client_auth = client_auth_of(server);
  serving.chat = {server.body_limit_bytes, server.commit_after, server.stream_keepalive};
  door_.set_rules({serving.access, admin_auth_of(server), server.admin_password_hash});
  dispatcher_.set_serving(std::make_shared<const Serving>(std::move(serving)));
}

airouter::Result<void> Service::reload(const airouter::Config& routing, const store::ServerConfig& server) {
  if (auto reloaded = router_.reload(routing); !reloaded) return reloaded;
  set_serving(routing, server);
  return {};
}

}  // namespace airouterd
