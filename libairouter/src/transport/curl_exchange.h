#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <curl/curl.h>

#include <airouter/transport.h>

#include "transport/answer_head.h"
#include "transport/curl_handle.h"
#include "transport/handle_pool.h"

namespace airouter::transport {

// An exchange on a handle of the pool. Gives the handle back as soon as the transfer is over; destroyed
// earlier, it closes the connection. Used by one thread. Beyond the contract of Exchange: an answer with a
// Content-Encoding other than identity, with ambiguous framing or with a switch of protocols ends as
// malformed instead of with a head.
class CurlExchange final : public Exchange, private TransferSink {
 public:
  CurlExchange(std::shared_ptr<HandlePool> pool, const HttpRequest& request);
  ~CurlExchange() override;
  CurlExchange(const CurlExchange&) = delete;
  CurlExchange& operator=(const CurlExchange&) = delete;

  Event wait(TimePoint until, const Interrupt* interrupt) override;
  const HttpHead& head() const override { return head_.head(); }
  std::string_view body() const override { return buffer_; }
  TransferFailure failure() const override { return failure_; }

 private:
  bool on_head_line(std::string_view line) override;
  Intake on_body(std::string_view bytes) override;

  std::optional<Event> next_event();
  void forget_delivered();
  void drive();
  void finish(CURLcode code);
  TransferFailure judge(CURLcode code) const;
  void fail(TransferFailure failure);
  void give_back(bool reusable);

  // Constant after construction.
  const std::shared_ptr<HandlePool> pool_;
  std::string origin_{};  // the pool's key

  // Used by one thread.
  std::unique_ptr<CurlHandle> handle_{};  // null once the transfer is over
  AnswerHead head_{};
  AnswerHead::Verdict head_verdict_ = AnswerHead::Verdict::more;
  std::string buffer_{};  // at most limits::exchange_buffer_bytes
  TransferFailure failure_ = TransferFailure::none;
  bool begun_ = false, head_told_ = false, body_told_ = false, paused_ = false;
};

}  // namespace airouter::transport
