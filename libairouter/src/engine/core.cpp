#include "engine/core.h"

namespace airouter::engine {

Core::Core(Config config, RouterOptions options)
    : random(options.seed != 0 ? options.seed : Random::system_seed()),
      clock_(options.clock ? std::move(options.clock) : make_system_clock()),
      transport_(options.transport ? std::move(options.transport) : make_curl_transport()),
      observer_(options.observer ? std::move(options.observer) : std::make_shared<Observer>()) {
  reload(std::move(config));
}

std::shared_ptr<const routing::RouteTable> Core::routes() const {
  const std::scoped_lock lock(mutex_);
  return routes_;
}

void Core::reload(Config config) {
  const std::scoped_lock reloading(reload_mutex_);
  auto shared = std::make_shared<const Config>(std::move(config));
  auto routes = std::make_shared<const routing::RouteTable>(shared, health_);
  health_.settle_on(*shared);
  const std::scoped_lock lock(mutex_);
  routes_ = std::move(routes);
}

void Core::report(const std::vector<HealthEvent>& events) const noexcept {
  for (const HealthEvent& event : events)
    observer_->on_health(event);
}

}  // namespace airouter::engine
