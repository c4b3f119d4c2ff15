#include <airouter.h>
#include <algorithm>
#include <cstring>
#include <mutex>
#include <optional>

#include <airouter/router.h>

#include "failures.h"
#include "router.h"
#include "texts.h"

using airouter::Call;
using airouter::Flow;
using namespace airouter::c;

// Opened (`call`) or started (`handle`). Used by one thread at a time, which holds `in_use`; a second one is
// told so.
struct airouter_call {
  airouter::Interrupt interrupt{};               // own synchronization
  std::optional<airouter::CallHandle> handle{};  // constant after construction; own synchronization
  std::mutex in_use{};
  std::optional<Call> call{};                     // guarded by in_use, like all below
  std::optional<std::string> whole{};             // of finish: the whole answer
  std::string data{}, text{}, head{}, summary{};  // what views point at
};

namespace {

constexpr const char* no_call = "the call is NULL";

// Holds an opened call while a function works on it.
class Use {
 public:
  explicit Use(airouter_call* call) : call_(given(call, no_call)), lock_(call_.in_use, std::try_to_lock) {
    if (!lock_) throw InvalidArgument{"the call is in use by another thread"};
    if (!call_.call) throw InvalidArgument{"the call was started: its callbacks tell what comes"};
  }
  airouter_call* operator->() const { return &call_; }

 private:
  airouter_call& call_;
  std::unique_lock<std::mutex> lock_;
};

airouter_event event_of(Call::Event event) {
  switch (event) {
    case Call::Event::committed:
      return AIROUTER_COMMITTED;
    case Call::Event::data:
      return AIROUTER_DATA;
    case Call::Event::idle:
      return AIROUTER_IDLE;
    case Call::Event::end:
      return AIROUTER_END;
    case Call::Event::failed:
      break;
  }
  return AIROUTER_FAILED;
}

airouter::TimePoint until(int64_t timeout_ms) {
  constexpr int64_t year_ms = int64_t{365} * 24 * 3600 * 1000;
  if (timeout_ms < 0) return airouter::TimePoint::max();
  return std::chrono::steady_clock::now() + std::chrono::milliseconds(std::min(timeout_ms, year_ms));
}

std::string_view data_of(const airouter_call& call) {
  return call.whole ? std::string_view(*call.whole) : call.call->data();
}

// A view into `kept`, which `fill` fills; an empty one where the call cannot be asked.
template <class Fill>
airouter_view viewed(airouter_call* call, std::string airouter_call::*kept, Fill&& fill) noexcept {
  return guarded(nullptr, airouter_view{"", 0}, [&] {
    const Use use(call);
    std::string& text = use.operator->()->*kept;
    text = fill(*use.operator->());
    return view_of(text);
  });
}

airouter_callbacks known_part(const airouter_callbacks* callbacks) {
  airouter_callbacks known{};
  if (callbacks == nullptr) throw InvalidArgument{"the callbacks are NULL"};
  if (callbacks->size < sizeof callbacks->size || callbacks->size > 4096)
    throw InvalidArgument{"airouter_callbacks.size is not set to sizeof(airouter_callbacks)"};
  std::memcpy(&known, callbacks, std::min(callbacks->size, sizeof known));
  return known;
}

Flow flow(int returned) {
  return returned == 0 ? Flow::proceed : Flow::stop;
}

airouter::StreamCallbacks to_cpp(const airouter_callbacks& from, void* user) {
  airouter::StreamCallbacks to;
  if (from.idle_tick_ms > 0) to.idle_tick = std::chrono::milliseconds(from.idle_tick_ms);
  if (from.on_head != nullptr)
    to.on_head = [=](const airouter::CallHead& head) {
      return flow(from.on_head(user, view_of(to_json(head))));
    };
  if (from.on_data != nullptr)
    to.on_data = [=](std::string_view bytes) {
      const std::string data(bytes);
      return flow(from.on_data(user, view_of(data), view_of(airouter::text_of(data))));
    };
  if (from.on_idle != nullptr) to.on_idle = [=] { return flow(from.on_idle(user)); };
  if (from.on_done != nullptr)
    to.on_done = [=](const airouter::Error* error, const airouter::CallSummary& summary) {
      const airouter_error told = error == nullptr ? airouter_error{} : to_c(*error);
      from.on_done(user, error == nullptr ? nullptr : &told, view_of(to_json(summary)));
    };
  return to;
}

}  // namespace

extern "C" {

airouter_call* airouter_call_open(airouter_router* router, const char* request, size_t length,
                                  const char* options, airouter_error** error) {
  return guarded<airouter_call*>(error, nullptr, [&] {
    airouter::Router& on = given(router, "the router is NULL").router;
    OpenOptions wanted = open_options(options);
    auto parsed =
        checked(airouter::ChatRequest::parse(std::string(input(request, length)), std::move(wanted.headers)));
    auto call = std::make_unique<airouter_call>();
    wanted.call.interrupt = &call->interrupt;
    call->call.emplace(on.open(std::move(parsed), wanted.call));
    return call.release();
  });
}

airouter_call* airouter_call_start(airouter_router* router, const char* request, size_t length,
                                   const char* options, const airouter_callbacks* callbacks, void* user,
                                   airouter_error** error) {
  return guarded<airouter_call*>(error, nullptr, [&] {
    airouter::Router& on = given(router, "the router is NULL").router;
    const airouter_callbacks known = known_part(callbacks);
    OpenOptions wanted = open_options(options);
    auto parsed =
        checked(airouter::ChatRequest::parse(std::string(input(request, length)), std::move(wanted.headers)));
    auto call = std::make_unique<airouter_call>();
    call->handle.emplace(checked(on.start(std::move(parsed), to_cpp(known, user), wanted.call)));
    return call.release();
  });
}

airouter_event airouter_call_next(airouter_call* call, int64_t timeout_ms, airouter_error** error) {
  return guarded(error, AIROUTER_FAILED, [&] {
    const Use use(call);
    use->whole.reset();
    const Call::Event event = use->call->next(until(timeout_ms));
    if (event == Call::Event::failed) set_error(error, to_c(use->call->error()));
    return event_of(event);
  });
}

int airouter_call_finish(airouter_call* call, airouter_error** error) {
  return guarded(error, -1, [&] {
    if (given(call, no_call).handle) {
      // A copy: a callback may free the call while this thread waits for it.
      const airouter::CallHandle handle = *call->handle;
      if (!handle.wait()) throw InvalidArgument{"a callback would wait for its own call"};
      return 0;
    }
    const Use use(call);
    if (!use->whole) use->whole.emplace();
    for (;;) {
      const Call::Event event = use->call->next(airouter::TimePoint::max());
      if (event == Call::Event::data) *use->whole += use->call->data();
      if (event == Call::Event::end) return 0;
      if (event != Call::Event::failed) continue;
      set_error(error, to_c(use->call->error()));
      return -1;
    }
  });
}

airouter_view airouter_call_data(airouter_call* call) {
  return viewed(call, &airouter_call::data, [](const airouter_call& used) { return data_of(used); });
}

airouter_view airouter_call_text(airouter_call* call) {
  return viewed(call, &airouter_call::text,
                [](const airouter_call& used) { return airouter::text_of(data_of(used)); });
}

airouter_view airouter_call_head(airouter_call* call) {
  return viewed(call, &airouter_call::head, [](const airouter_call& used) {
    return used.call->is_committed() ? to_json(used.call->head()) : std::string();
  });
}

airouter_view airouter_call_summary(airouter_call* call) {
  return viewed(call, &airouter_call::summary,
                [](const airouter_call& used) { return to_json(used.call->summary()); });
}

void airouter_call_cancel(airouter_call* call) {
  if (call == nullptr) return;
  if (call->handle) call->handle->cancel();
  call->interrupt.trigger();
}

void airouter_call_free(airouter_call* call) {
  if (call == nullptr) return;
  airouter_call_cancel(call);
  if (call->handle) call->handle->wait();
  // Another thread inside of next leaves soon.
  { const std::scoped_lock lock(call->in_use); }
  delete call;
}

}  // extern "C"
