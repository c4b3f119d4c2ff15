#include "engine/call_loop.h"

#include <algorithm>
#include <new>
#include <utility>

#include "engine/call_run.h"

namespace airouter::engine {
namespace {

// Within a catch block: what was caught. Only memory that runs out makes the library throw here; a transport
// or a clock of the program's own may throw anything.
Error caught() {
  try {
    throw;
  } catch (const std::bad_alloc&) {
    return {.code = ErrorCode::overloaded, .message = "memory ran out here; try again in a moment"};
  } catch (...) {
    return {.code = ErrorCode::overloaded, .message = "a transport or a clock threw an exception"};
  }
}

void tell_end(const StreamCallbacks& callbacks, const Error* error, const CallSummary& summary) noexcept {
  if (!callbacks.on_done) return;
  try {
    callbacks.on_done(error, summary);
  } catch (...) {
    // Nobody is left to be told.
  }
}

// One run of the loop: the call, and whom to tell.
class Loop {
 public:
  Loop(Call& call, const StreamCallbacks& callbacks, const Clock& clock)
      : call_(call),
        callbacks_(callbacks),
        clock_(clock),
        tick_(std::clamp<std::chrono::milliseconds>(callbacks.idle_tick, std::chrono::milliseconds(1),
                                                    limits::call_time_max)) {}

  void run() noexcept {
    for (;;) {
      const Call::Event event = next();
      if (event == Call::Event::end || event == Call::Event::failed) return done(event);
      if (tell(event) == Flow::stop) call_.cancel();
    }
  }

 private:
  Call::Event next() noexcept {
    try {
      return call_.next(clock_.now() + tick_);
    } catch (...) {
      call_.cancel();
      own_error_ = caught();
      return Call::Event::failed;
    }
  }

  Flow tell(Call::Event event) noexcept {
    try {
      if (event == Call::Event::committed && callbacks_.on_head) return callbacks_.on_head(call_.head());
      if (event == Call::Event::data && callbacks_.on_data) return callbacks_.on_data(call_.data());
      if (event == Call::Event::idle && callbacks_.on_idle) return callbacks_.on_idle();
      return Flow::proceed;
    } catch (...) {
      own_error_ = {.code = ErrorCode::cancelled, .message = "a callback threw an exception"};
      return Flow::stop;
    }
  }

  void done(Call::Event event) noexcept {
    const Error* error = event == Call::Event::failed ? &call_.error() : nullptr;
    if (own_error_) error = &*own_error_;
    tell_end(callbacks_, error, call_.summary());
  }

  Call& call_;
  const StreamCallbacks& callbacks_;
  const Clock& clock_;
  const std::chrono::milliseconds tick_;
  std::optional<Error> own_error_{};  // of the loop, not of the call
};

}  // namespace

void run_call(const std::shared_ptr<Core>& core, ChatRequest request, const StreamCallbacks& callbacks,
              const CallOptions& options) noexcept {
  std::optional<Call> call;
  try {
    call.emplace(std::make_unique<Call::Implementation>(core, std::move(request), options));
  } catch (...) {
    return refuse_call(caught(), callbacks);
  }
  Loop(*call, callbacks, core->clock()).run();
}

void refuse_call(const Error& error, const StreamCallbacks& callbacks) noexcept {
  tell_end(callbacks, &error, {});
}

}  // namespace airouter::engine
