#include "transport/curl_exchange.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/limits.h"
#include "transport/address_rules.h"
#include "transport/transfer_failures.h"

namespace airouter::transport {
namespace {

// Rounded up, so that a wait never ends early.
int milliseconds_until(TimePoint until) {
  constexpr std::chrono::milliseconds::rep hour = 3'600'000;
  const auto left =
      std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now()).count();
  return static_cast<int>(std::clamp<std::chrono::milliseconds::rep>(left, 0, hour));
}

// Connections through different proxies are different connections.
std::string pool_key(const std::string& origin, ProxyUse use, const std::string& proxy) {
  if (use == ProxyUse::none) return origin;
  return origin + (use == ProxyUse::given ? " by " + proxy : " by environment");
}

}  // namespace

CurlExchange::CurlExchange(std::shared_ptr<HandlePool> pool, const HttpRequest& request)
    : pool_(std::move(pool)) {
  const UrlParts url = split_url(request.url);
  if (url.origin.empty()) {
    failure_ = TransferFailure::connect;
    return;
  }
  const ProxyUse proxy = proxy_use(request.proxy, url.host);
  origin_ = pool_key(url.origin, proxy, request.proxy);
  handle_ = pool_->take(origin_, url.is_tls);
  if (handle_ == nullptr || !handle_->start(request, url, proxy, *this)) fail(TransferFailure::no_resources);
}

CurlExchange::~CurlExchange() {
  if (handle_ != nullptr) give_back(false);
}

Exchange::Event CurlExchange::wait(TimePoint until, const Interrupt* interrupt) {
  forget_delivered();
  if (const auto event = next_event()) return *event;
  if (!begun_) {
    begun_ = true;
    if (interrupt != nullptr && interrupt->triggered()) return Event::interrupted;
    drive();
  } else if (paused_) {
    paused_ = false;
    if (!handle_->resume()) fail(TransferFailure::reset);
  }
  for (;;) {
    if (const auto event = next_event()) return *event;
    const bool woken =
        handle_->poll(milliseconds_until(until), interrupt != nullptr ? interrupt->wait_fd() : -1);
    // Without a descriptor, the interrupt is a flag that only shows when looked at.
    const bool look = interrupt != nullptr && (woken || interrupt->wait_fd() < 0);
    if (look && interrupt->triggered()) return Event::interrupted;
    drive();
    if (const auto event = next_event()) return *event;
    if (std::chrono::steady_clock::now() >= until) return Event::timeout;
  }
}

void CurlExchange::forget_delivered() {
  if (!body_told_) return;
  buffer_.clear();
  body_told_ = false;
}

std::optional<Exchange::Event> CurlExchange::next_event() {
  if (head_.is_complete() && !head_told_) {
    head_told_ = true;
    return Event::head;
  }
  if (!buffer_.empty()) {
    body_told_ = true;
    return Event::body;
  }
  if (handle_ == nullptr) return Event::end;
  return std::nullopt;
}

void CurlExchange::drive() {
  if (handle_ == nullptr) return;
  if (const auto code = handle_->perform()) finish(*code);
}

void CurlExchange::finish(CURLcode code) {
  failure_ = judge(code);
  if (failure_ == TransferFailure::no_resources) pool_->close_idle();
  const bool warm = handle_->finish();
  give_back(warm && failure_ == TransferFailure::none && head_.is_connection_reusable());
}

TransferFailure CurlExchange::judge(CURLcode code) const {
  if (head_verdict_ == AnswerHead::Verdict::too_large) return TransferFailure::too_large;
  if (head_verdict_ == AnswerHead::Verdict::malformed) return TransferFailure::malformed;
  if (handle_->is_resend_denied()) return TransferFailure::reset;
  // libcurl calls a connection that ended within the head a success.
  if (code == CURLE_OK && !head_.is_complete()) return TransferFailure::reset;
  return code != CURLE_OK && handle_->lacks_resources() ? TransferFailure::no_resources : failure_of(code);
}

void CurlExchange::fail(TransferFailure failure) {
  failure_ = failure;
  give_back(false);
}

void CurlExchange::give_back(bool reusable) {
  if (reusable) {
    pool_->put(origin_, std::move(handle_));
  } else {
    pool_->drop(origin_, std::move(handle_));
  }
}

bool CurlExchange::on_head_line(std::string_view line) {
  head_verdict_ = head_.add_line(line);
  return head_verdict_ != AnswerHead::Verdict::too_large && head_verdict_ != AnswerHead::Verdict::malformed;
}

TransferSink::Intake CurlExchange::on_body(std::string_view bytes) {
  if (!head_.is_complete()) return Intake::refused;
  if (buffer_.size() + bytes.size() > limits::exchange_buffer_bytes) {
    paused_ = true;
    return Intake::full;
  }
  buffer_.append(bytes);
  return Intake::taken;
}

}  // namespace airouter::transport
