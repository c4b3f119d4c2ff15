#include <algorithm>

#include <airouter/testing.h>

namespace airouter::testing {

Script& Script::after(std::chrono::milliseconds pause) {
  pause_ += pause;
  return *this;
}

Script& Script::head(int status, Headers headers) {
  steps_.push_back({Exchange::Event::head, std::exchange(pause_, {}), {status, std::move(headers)}, {}, {}});
  return *this;
}

Script& Script::body(std::string bytes) {
  steps_.push_back({Exchange::Event::body, std::exchange(pause_, {}), {}, std::move(bytes), {}});
  return *this;
}

Script& Script::end(TransferFailure failure) {
  steps_.push_back({Exchange::Event::end, std::exchange(pause_, {}), {}, {}, failure});
  return *this;
}

Script& Script::hang() {
  steps_.push_back({Exchange::Event::timeout, {}, {}, {}, {}});
  return *this;
}

// One exchange: plays the steps of its script against the fake clock.
class ScriptedTransport::ScriptedExchange final : public Exchange {
 public:
  ScriptedExchange(Script script, std::shared_ptr<FakeClock> clock, std::atomic<int>& open)
      : script_(std::move(script)), clock_(std::move(clock)), open_(open), due_(clock_->now()) {
    ++open_;
    schedule();
  }
  ~ScriptedExchange() override { --open_; }

  Event wait(TimePoint until, const Interrupt* interrupt) override {
    if (interrupt != nullptr && interrupt->triggered()) return Event::interrupted;
    if (next_ == script_.steps().size()) return Event::end;
    const Script::Step& step = script_.steps()[next_];
    if (step.event == Event::timeout || due_ > until) {
      clock_->advance_to(until);
      return Event::timeout;
    }
    clock_->advance_to(due_);
    current_ = &step;
    if (step.event == Event::head) head_ = step.head;
    ++next_;
    schedule();
    return step.event;
  }

  const HttpHead& head() const override { return head_; }
  std::string_view body() const override { return current_->bytes; }
  TransferFailure failure() const override {
    return current_ == nullptr ? TransferFailure::reset : current_->failure;
  }

 private:
  void schedule() {
    if (next_ < script_.steps().size()) due_ += script_.steps()[next_].pause;
  }

  const Script script_;
  const std::shared_ptr<FakeClock> clock_;
  std::atomic<int>& open_;
  TimePoint due_;  // of the next step
  std::size_t next_ = 0;
  const Script::Step* current_ = nullptr;
  HttpHead head_{};
};

void ScriptedTransport::add(const std::string& host, Script script) {
  const std::scoped_lock lock(mutex_);
  hosts_[host].scripts.push_back(std::move(script));
}

std::vector<ScriptedTransport::Received> ScriptedTransport::received() const {
  const std::scoped_lock lock(mutex_);
  return received_;
}

std::unique_ptr<Exchange> ScriptedTransport::open(const HttpRequest& request) {
  std::string host = request.url.substr(request.url.find("//") + 2);
  host.resize(std::min(host.find('/'), host.size()));
  const std::scoped_lock lock(mutex_);
  received_.push_back({host, request.url, std::string(request.body), request.proxy, request.headers});
  Host& played = hosts_[host];
  Script script = failure(TransferFailure::connect);
  if (!played.scripts.empty()) script = played.scripts[std::min(played.next, played.scripts.size() - 1)];
  played.next = std::min(played.next + 1, played.scripts.size());
  return std::make_unique<ScriptedExchange>(std::move(script), clock_, open_);
}

}  // namespace airouter::testing
