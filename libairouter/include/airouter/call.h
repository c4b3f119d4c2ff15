#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <airouter/events.h>
#include <airouter/export.h>
#include <airouter/result.h>
#include <airouter/transport.h>

namespace airouter {

// A client's chat completion request, parsed once: which model it names, where that stands, whether it
// streams. The body is kept byte for byte. A value type.
class AIROUTER_EXPORT ChatRequest {
 public:
  // `body` is the client's JSON, UTF-8. `headers` are the client's; only those on the allow-list reach a
  // provider. invalid_request names the problem: invalid JSON, not an object, no usable `model`, depth over
  // 512, or contradicting duplicates of `model` or `stream`.
  static Result<ChatRequest> parse(std::string body, Headers headers = {});

  const std::string& model() const noexcept { return model_; }  // the public name asked for
  bool is_stream() const noexcept { return stream_; }           // `stream` counts only if it is `true`
  const std::string& body() const noexcept { return body_; }
  const Headers& headers() const noexcept { return headers_; }

  // The body with every top-level `model` value replaced and all other bytes as they came.
  std::string body_for(std::string_view model) const;

 private:
  struct Place {
    std::size_t begin = 0, end = 0;
  };
  ChatRequest() = default;

  std::string body_{}, model_{};
  Headers headers_{};
  std::vector<Place> model_places_{};  // the byte ranges of the model values, in order
  bool stream_ = false;
};

// One try at one provider, as logs, headers and the panel show it.
struct Attempt {
  std::string provider{}, model{};
  int http_status = 0;                                           // 0: no answer came
  FailureKind failure{};                                         // none: this one answered
  std::chrono::microseconds started{}, first_output{}, total{};  // since the call began; durations; 0: none
  std::string detail{};  // what the provider said, shortened, never with a key in it
  std::string effect{};  // what it did to health, e.g. "model cooling 60 s"
  bool last_resort = false, probe = false;
};

// A candidate that was passed over.
struct Skipped {
  std::string provider{}, model{};  // empty model: the whole provider
  SkipReason reason{};
  std::chrono::seconds until{};  // how long the reason still holds; 0: unknown
};

struct CallSummary {
  std::uint64_t id = 0;                   // unique within the process
  std::shared_ptr<const void> context{};  // CallOptions::context
  std::string model{};
  bool stream = false;
  std::vector<Attempt> attempts{};
  std::vector<Skipped> skipped{};
  std::optional<Usage> usage{};
  std::chrono::microseconds total{};  // since the call began; set when it ends
};

// The head of the answer that was committed to.
struct CallHead {
  int status = 0;
  Headers headers{};  // only those that may pass on to clients
  std::string provider{}, model{};
  int attempts = 0;
};

struct CallOptions {
  Interrupt* interrupt = nullptr;                    // borrowed; must outlive the call
  std::optional<std::chrono::milliseconds> total{};  // instead of the config's

  // The caller's own, e.g. who asked: handed to observers in the summary, never looked into.
  std::shared_ptr<const void> context{};
};

// One request on its way: the pulled primitive that everything else is a short loop over. Movable; used by
// one thread at a time. Destroying it cancels: the upstream is closed, a probe slot is freed, health does not
// change. One that was moved from has failed.
class AIROUTER_EXPORT Call {
 public:
  enum class Event {
    committed,  // output has come: this provider it is. Once, before any data
    data,       // data() holds more
    idle,       // `until` passed; call next() again
    end,        // the whole answer was delivered; for ever after
    failed,     // error() says why; for ever after
  };

  class AIROUTER_INTERNAL Implementation;
  explicit Call(std::unique_ptr<Implementation> implementation) noexcept;
  Call(Call&&) noexcept;
  Call& operator=(Call&&) noexcept;
  ~Call();

  // Never blocks past `until` (of the router's clock). Failover goes on inside, also after an idle.
  // Observers run inside; one that calls back into this very call trips an assert, and does nothing in builds
  // without asserts.
  Event next(TimePoint until);

  // Ends the call as its destruction would; next() then returns failed, and the summary tells how far it
  // came. Does nothing once it has ended.
  void cancel();

  bool is_committed() const noexcept;
  const CallHead& head() const noexcept;  // after committed
  std::string_view data()
      const noexcept;  // whole events, blank line included, or the plain body; valid until next()
  const Error& error() const noexcept;          // after failed; before or after committed
  const CallSummary& summary() const noexcept;  // always valid, also after failed

 private:
  struct AIROUTER_INTERNAL MovedFrom;
  AIROUTER_INTERNAL const MovedFrom& moved_from() const;

  std::unique_ptr<Implementation> implementation_;
  mutable std::unique_ptr<MovedFrom> moved_from_;  // what one that was moved from tells, once it is asked
};

// A whole answer.
struct Response {
  CallHead head{};
  std::string body{};
  CallSummary summary{};
};

enum class Flow { proceed, stop };

// All optional, all called on the thread that runs the call, without a lock held: they may use the router.
// Returning stop cancels the call. So does throwing; on_done is then told that a callback threw. What on_done
// throws is dropped.
struct StreamCallbacks {
  std::function<Flow(const CallHead&)> on_head{};   // once, when a provider is committed to
  std::function<Flow(std::string_view)> on_data{};  // whole events
  std::function<Flow()> on_idle{};                  // every idle_tick without data, before and after on_head
  std::chrono::milliseconds idle_tick{1'000};
  std::function<void(const Error*, const CallSummary&)>
      on_done{};  // exactly once, last; null: answered whole
};

// The answer's text in what Call::data() or on_data handed over: the content of the first choice, be it of
// events or of a plain answer. Empty where there is none, as in the events of tool calls.
AIROUTER_EXPORT std::string text_of(std::string_view data);

// For callers who want text only: on_data hands each piece that is not empty to `on_text`. The other
// callbacks are yours to set.
AIROUTER_EXPORT StreamCallbacks text_callbacks(std::function<Flow(std::string_view text)> on_text);

}  // namespace airouter
