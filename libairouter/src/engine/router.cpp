#include <memory>
#include <utility>

#include <airouter/router.h>

#include "engine/call_loop.h"
#include "engine/call_run.h"
#include "engine/call_threads.h"
#include "engine/core.h"
#include "engine/started_call.h"
#include "routing/planner.h"

namespace airouter {
namespace {

// Every fatal problem, a line each; nothing if there is none.
std::optional<Error> problems_of(const Config& config) {
  Error error{.code = ErrorCode::invalid_config};
  for (const ConfigProblem& problem : check_config(config))
    if (problem.fatal) error.message += (error.message.empty() ? "" : "\n") + to_string(problem);
  return error.message.empty() ? std::nullopt : std::optional(std::move(error));
}

Error moved_from() {
  return {.code = ErrorCode::invalid_request, .message = "this router was moved from"};
}

}  // namespace

class Router::Implementation {
 public:
  Implementation(Config config, RouterOptions options)
      : threads(options.start_threads_max),
        core(std::make_shared<engine::Core>(std::move(config), std::move(options))) {}

  engine::CallThreads threads;
  const std::shared_ptr<engine::Core> core;
};

Router::Router(std::shared_ptr<Implementation> implementation) noexcept
    : implementation_(std::move(implementation)) {}
Router::Router(Router&&) noexcept = default;

Router& Router::operator=(Router&& other) noexcept {
  Router old(std::exchange(implementation_, std::move(other.implementation_)));
  return *this;
}

// Ends its threads while everything stands: the last callbacks may ask it something.
Router::~Router() {
  if (implementation_) implementation_->threads.end();
}

Result<Router> Router::create(Config config, RouterOptions options) {
  if (auto error = problems_of(config)) return *std::move(error);
  return Router(std::make_shared<Implementation>(std::move(config), std::move(options)));
}

Result<void> Router::reload(Config config) {
  if (!implementation_) return moved_from();
  if (auto error = problems_of(config)) return *std::move(error);
  implementation_->core->reload(std::move(config));
  return {};
}

Call Router::open(ChatRequest request, const CallOptions& options) {
  if (!implementation_) return Call(nullptr);
  return Call(std::make_unique<Call::Implementation>(implementation_->core, std::move(request), options));
}

void Router::stream(ChatRequest request, const StreamCallbacks& callbacks, const CallOptions& options) {
  if (!implementation_) return engine::refuse_call(moved_from(), callbacks);
  engine::run_call(implementation_->core, std::move(request), callbacks, options);
}

Result<CallHandle> Router::start(ChatRequest request, StreamCallbacks callbacks, const CallOptions& options) {
  if (!implementation_) return moved_from();
  if (options.interrupt != nullptr)
    return Error{.code = ErrorCode::invalid_request,
                 .message = "a started call has an interrupt of its own: use CallHandle::cancel"};
  auto call = std::make_shared<CallHandle::Implementation>(implementation_->core, std::move(request),
                                                           std::move(callbacks), options);
  if (auto running = implementation_->threads.run(call); !running) return running.error();
  return CallHandle(std::move(call));
}

Result<Response> Router::call(ChatRequest request, const CallOptions& options) {
  Call call = open(std::move(request), options);
  Response response;
  for (;;) {
    switch (call.next(TimePoint::max())) {
      case Call::Event::committed:
        response.head = call.head();
        break;
      case Call::Event::data:
        response.body += call.data();
        break;
      case Call::Event::idle:
        break;
      case Call::Event::failed:
        return call.error();
      case Call::Event::end:
        response.summary = call.summary();
        return response;
    }
  }
}

std::vector<std::string> Router::models() const {
  return implementation_ ? implementation_->core->routes()->models() : std::vector<std::string>{};
}

Plan Router::explain(std::string_view model) const {
  if (!implementation_) return {};
  const auto routes = implementation_->core->routes();
  const routing::Planner planner(routes->candidates(model));
  const TimePoint now = implementation_->core->clock().now();
  return {planner.shares(routes->config(), now), planner.skipped(routes->config(), now)};
}

std::vector<HealthReport> Router::health() const {
  if (!implementation_) return {};
  const auto routes = implementation_->core->routes();
  const TimePoint now = implementation_->core->clock().now();
  std::vector<HealthReport> reports;
  for (std::size_t i = 0; i < routes->config().providers.size(); ++i)
    for (HealthReport& report : routes->health(i)->report(now))
      reports.push_back(std::move(report));
  return reports;
}

void Router::reset_health(std::string_view provider, std::string_view model) {
  if (!implementation_) return;
  const auto routes = implementation_->core->routes();
  const TimePoint now = implementation_->core->clock().now();
  for (std::size_t i = 0; i < routes->config().providers.size(); ++i)
    if (routes->config().providers[i].name == provider)
      implementation_->core->report(routes->health(i)->reset(model, now));
}

}  // namespace airouter
