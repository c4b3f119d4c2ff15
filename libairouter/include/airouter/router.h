#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <airouter/call.h>
#include <airouter/call_handle.h>
#include <airouter/clock.h>
#include <airouter/config.h>
#include <airouter/events.h>
#include <airouter/export.h>
#include <airouter/transport.h>

namespace airouter {

// The seams; null means the real one.
struct RouterOptions {
  std::shared_ptr<Transport> transport{};
  std::shared_ptr<Clock> clock{};
  std::shared_ptr<Observer> observer{};
  std::uint64_t seed = 0;       // of the weighted choice; 0: from the operating system
  int start_threads_max = 256;  // how many started calls may run at a time; each has a thread
};

// One provider as explain() sees it.
struct Candidate {
  std::string provider{}, model{};
  double share = 0;  // 0 … 1: its chance of being picked first now
};

struct Plan {
  std::vector<Candidate> candidates{};  // usable now, by falling share
  std::vector<Skipped> skipped{};
};

struct HealthReport {
  std::string provider{}, model{};  // empty model: the whole provider
  HealthState state{};
  FailureKind cause{};               // of the last failure; none while healthy
  std::chrono::milliseconds left{};  // of a cooldown
  int failures = 0;                  // in a row
};

// Sends calls to providers. Thread-safe; movable while no call runs on it. Calls may outlive their router;
// its destruction cancels those that were started, and waits until their callbacks have returned. Has no
// thread before the first start(), prints nothing, touches no signal handler, and may be forked before its
// first call. After a move, only destroy it or assign to it.
class AIROUTER_EXPORT Router {
 public:
  // invalid_config if `check_config(config)` finds a fatal problem. Providers may be empty: every call then
  // fails with unknown_model.
  static Result<Router> create(Config config, RouterOptions options = {});

  Router(Router&&) noexcept;
  Router& operator=(Router&&) noexcept;
  ~Router();

  // Pull. Never blocks and never fails: what goes wrong is told by the call.
  Call open(ChatRequest request, const CallOptions& options = {});

  // The whole answer, blocking. A streamed request yields its events as the body. What failed after output
  // was delivered is an error here, too: half an answer is none.
  Result<Response> call(ChatRequest request, const CallOptions& options = {});

  // Push, on the caller's thread, blocking until on_done has returned.
  void stream(ChatRequest request, const StreamCallbacks& callbacks, const CallOptions& options = {});

  // Push, on a thread of the router's, which is made when none is free. overloaded at start_threads_max, or
  // if no thread is to be had; invalid_request if options.interrupt is set: the handle cancels. No callback
  // is called then. A callback may use the router, even destroy it: then that one call is not waited for.
  Result<CallHandle> start(ChatRequest request, StreamCallbacks callbacks, const CallOptions& options = {});

  // Swaps the config; running calls keep the one they began with. Health survives for providers whose name,
  // base_url and key stay. invalid_config changes nothing.
  Result<void> reload(Config config);

  // What GET /v1/models lists: map names and supported models of enabled, not disabled providers; sorted,
  // unique.
  std::vector<std::string> models() const;

  // A dry run: who would answer now, with what share, and why the others would not. Nothing is sent.
  Plan explain(std::string_view model) const;

  // Every provider, and every model that is not healthy; in config order.
  std::vector<HealthReport> health() const;

  // Closes the provider's breakers, or those of one of its models. Unknown names do nothing.
  void reset_health(std::string_view provider, std::string_view model = {});

 private:
  class AIROUTER_INTERNAL Implementation;
  explicit Router(std::shared_ptr<Implementation> implementation) noexcept;
  std::shared_ptr<Implementation> implementation_;
};

}  // namespace airouter
