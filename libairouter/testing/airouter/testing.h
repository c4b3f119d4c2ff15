#pragma once
// Fakes for the seams of a Router, for tests of programs that link it: a clock that stands still until it is
// moved, and providers that follow a script. With them a whole failover runs in microseconds, without a
// socket or a sleep.

#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <airouter/clock.h>
#include <airouter/events.h>
#include <airouter/transport.h>

namespace airouter::testing {

// Time that moves only when it is told to, or when somebody sleeps. Thread-safe.
class FakeClock final : public Clock {
 public:
  TimePoint now() const noexcept override { return TimePoint(std::chrono::nanoseconds(nanoseconds_.load())); }
  std::chrono::system_clock::time_point wall_now()
      const noexcept override;  // 2026-01-01T00:00:00Z plus what passed
  bool sleep_until(TimePoint until, const Interrupt* interrupt) override;

  void advance(std::chrono::nanoseconds time) noexcept { nanoseconds_ += time.count(); }
  void advance_to(TimePoint time) noexcept;  // never backwards

 private:
  std::atomic<std::int64_t> nanoseconds_{1'000'000'000};
};

// What a provider does in one exchange, step by step. A value; each call adds a step.
class Script {
 public:
  Script& after(std::chrono::milliseconds pause);  // before the next step
  Script& head(int status, Headers headers = {});
  Script& body(std::string bytes);
  Script& end(TransferFailure failure = TransferFailure::none);
  Script& hang();  // nothing more ever comes

  struct Step {
    Exchange::Event event{};
    std::chrono::milliseconds pause{};
    HttpHead head{};
    std::string bytes{};
    TransferFailure failure{};
  };
  const std::vector<Step>& steps() const { return steps_; }

 private:
  std::vector<Step> steps_{};
  std::chrono::milliseconds pause_{};
};

// A whole answer.
Script answer(int status, std::string body, Headers headers = {{"content-type", "application/json"}});

// A plain chat completion that says `content`, which is put between the quotes as it is.
Script completion(std::string_view content, std::string_view model = "real-model");

// A streamed chat completion, one event a word, ended by a finish reason and [DONE].
Script stream(const std::vector<std::string>& words, std::chrono::milliseconds pause = {},
              std::string_view model = "real-model");

// A transfer that fails before a head.
Script failure(TransferFailure how, std::chrono::milliseconds after = {});

// The parts of a stream, to build others: one event each, its blank line included.
std::string role_event(std::string_view model = "real-model");
std::string content_event(std::string_view content, std::string_view model = "real-model");
std::string finish_event(std::string_view model = "real-model");
std::string done_event();

// Providers that follow scripts, by host name: "https://a.test/v1" is the host "a.test". Thread-safe.
class ScriptedTransport final : public Transport {
 public:
  explicit ScriptedTransport(std::shared_ptr<FakeClock> clock) : clock_(std::move(clock)) {}

  // Each exchange with the host follows its next script, in the order they were added; when there is none
  // left, the last one again. A host without any refuses the connection.
  void add(const std::string& host, Script script);

  struct Received {
    std::string host{}, url{}, body{}, proxy{};
    Headers headers{};
  };
  std::vector<Received> received() const;
  int open_exchanges() const { return open_.load(); }

  std::unique_ptr<Exchange> open(const HttpRequest& request) override;

 private:
  class ScriptedExchange;
  struct Host {
    std::vector<Script> scripts{};
    std::size_t next = 0;
  };

  const std::shared_ptr<FakeClock> clock_;
  std::atomic<int> open_{0};
  mutable std::mutex mutex_;
  std::map<std::string, Host> hosts_{};  // guarded by mutex_
  std::vector<Received> received_{};     // guarded by mutex_
};

// Writes down every event as a line of text. Thread-safe.
class RecordingObserver final : public Observer {
 public:
  void on_call_started(const CallSummary& call) noexcept override;
  void on_attempt(const CallSummary& call, const Attempt& attempt) noexcept override;
  void on_call_finished(const CallSummary& call, const Error* error) noexcept override;
  void on_health(const HealthEvent& event) noexcept override;

  std::vector<std::string> lines() const;

 private:
  void add(std::string line) noexcept;
  mutable std::mutex mutex_;
  std::vector<std::string> lines_{};  // guarded by mutex_
};

// "try a/gpt-4 -> 429, model cooling 60 s; try b/gpt-4 -> 200": what happened in a call, for comparing text.
std::string to_text(const CallSummary& call);

}  // namespace airouter::testing
