#pragma once

#include <memory>
#include <string>

#include <airouter/transport.h>

#include "http/message.h"
#include "store/live_ring.h"

namespace airouterd::admin {

// The body of a live stream: each item as an event, comments while nothing happens. Used by one thread; the
// interrupt and the ring must outlive it.
class LiveStream final : public http::StreamBody {
 public:
  // Appends an item as an event; nothing, if it is not for this stream.
  using AppendEvent = void (*)(std::string& to, const store::LiveItem& item);

  LiveStream(std::unique_ptr<store::LiveRing::Watcher> watcher, const airouter::Interrupt& client,
             bool is_of_records, AppendEvent append_event)
      : watcher_(std::move(watcher)),
        client_(client),
        is_of_records_(is_of_records),
        append_event_(append_event) {}

  bool run(http::Sink& sink) override;

 private:
  void wait() const noexcept;

  const std::unique_ptr<store::LiveRing::Watcher> watcher_;
  const airouter::Interrupt& client_;  // fires when the client leaves
  const bool is_of_records_;
  const AppendEvent append_event_;
};

}  // namespace airouterd::admin
