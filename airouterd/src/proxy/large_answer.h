#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include <airouter/call.h>

#include "http/message.h"
#include "proxy/gate.h"

namespace airouterd::proxy {

// A plain answer that a client may take long to read. Its call goes on meanwhile, so that its bytes count as
// held, its place as taken, and a drain waits for it. The call ends before the last piece goes out: whoever
// has the whole answer finds it in the statistics.
class LargeAnswer final : public http::StreamBody {
 public:
  // Smaller ones are taken by the kernel at once.
  static constexpr std::size_t bytes_min = std::size_t{64} * 1024;

  // `call` has just said Event::data, of at least bytes_min. Who has not taken it by `until` is cut: what is
  // held of it keeps others out.
  LargeAnswer(airouter::Call call, Gate::Ticket ticket, airouter::TimePoint until)
      : call_(std::move(call)),
        ticket_(std::move(ticket)),
        until_(until),
        bytes_(call_.data().size()),
        last_piece_(call_.data().substr(bytes_ - bytes_min)) {}

  bool run(http::Sink& sink) override {
    const std::string_view first = call_.data().substr(0, bytes_ - bytes_min);
    for (std::size_t at = 0; at < first.size(); at += bytes_min)
      if (std::chrono::steady_clock::now() >= until_ || !sink.write(first.substr(at, bytes_min)))
        return false;
    return call_.next(airouter::TimePoint::max()) == airouter::Call::Event::end && sink.write(last_piece_);
  }

 private:
  airouter::Call call_;
  Gate::Ticket ticket_;
  airouter::TimePoint until_;
  std::size_t bytes_;
  std::string last_piece_;
};

}  // namespace airouterd::proxy
