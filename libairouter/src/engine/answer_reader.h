#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <airouter/events.h>
#include <airouter/transport.h>

#include "base/byte_budget.h"
#include "engine/outcome.h"
#include "protocol/error_facts.h"
#include "protocol/sse_splitter.h"
#include "protocol/stream_judge.h"

namespace airouter::engine {

// Reads one provider's answer as it comes: holds it back until the first output shows that it is good, then
// hands it on, normalised. Does no I/O. Used by one thread.
class AnswerReader {
 public:
  struct Options {
    bool wants_stream = false;
    std::optional<std::string> shown_model{};  // replaces the model name in the answer; unset: left as it is
    ByteBudget* budget = nullptr;              // borrowed; for what is held of the answer
  };

  enum class State {
    holding,   // nothing may be shown yet
    relaying,  // good so far: output() may be shown
    complete,  // good, and all of it is in output()
    failed,    // finding() says how; output() holds what may still be shown if it was relaying before
    refused,   // this process has no room for the exchange
  };

  explicit AnswerReader(Options options);

  void on_head(const HttpHead& head);
  void on_body(std::string_view bytes);
  void on_end(TransferFailure failure);
  void on_no_room() noexcept { state_ = State::refused; }
  void on_timeout(bool while_connecting);  // the attempt's clock ran out

  State state() const noexcept { return state_; }
  bool was_good() const noexcept { return was_good_; }  // output was found, whatever came later

  // Nothing has come yet that ends the first-output clock.
  bool awaits_output() const noexcept;
  // Everything was said; only the end of the stream is missing, and perhaps usage.
  bool awaits_end() const noexcept { return state_ == State::relaying && judge_.is_complete(); }
  // It has looked so before, and then more was said.
  bool spoke_after_finish() const noexcept { return spoke_after_finish_; }
  bool is_reading_error() const noexcept { return mode_ == Mode::error; }

  // How many events with output have come.
  std::uint64_t outputs() const noexcept { return outputs_; }

  // Bytes to show, taken away by the call. They count as held until they are let go, before more comes.
  std::string take_output() noexcept;
  void let_go() noexcept;
  bool has_output() const noexcept { return !output_.empty(); }

  int status() const noexcept { return head_.status; }

  // The status that tells of a failure: the head's, or the one an error within a success names.
  int told_status() const noexcept { return told_status_ != 0 ? told_status_ : head_.status; }
  const Headers& headers() const noexcept { return head_.headers; }
  std::string_view content_type() const noexcept;  // of what output() holds
  const std::optional<Usage>& usage() const noexcept { return usage_; }

  // After failed:
  Finding finding() const noexcept { return finding_; }
  const std::string& detail() const noexcept {
    return detail_;
  }  // unfiltered: may hold anything the provider said
  const std::string& error_body() const noexcept { return held_; }
  bool is_error_body_whole() const noexcept { return error_body_whole_; }

 private:
  enum class Mode { nothing, error, sniffing, plain, events };

  void sniff();
  void collect_error(std::string_view bytes);
  void collect_answer(std::string_view bytes);
  void account();
  void read_events();
  void take_event(const protocol::SseSplitter::Event& event);
  void relay(std::string_view data, const protocol::JudgedEvent& judged);
  void commit();
  void end_of_error();
  void end_of_plain(TransferFailure failure);
  void end_of_events(TransferFailure failure);
  void fail(Finding finding, std::string detail);
  void fail_as_told(const protocol::ErrorFacts& facts, std::string_view otherwise);

  // Constant after construction.
  const Options options_;
  const std::string shown_model_json_;

  // Used by one thread.
  State state_ = State::holding;
  Mode mode_ = Mode::nothing;
  bool was_good_ = false;
  HttpHead head_{};
  std::string held_{};    // a body that is not judged yet
  std::string output_{};  // normalised, to be shown once it is good
  ByteBudget::Share share_{};
  protocol::SseSplitter splitter_{};
  protocol::StreamJudge judge_{};
  std::optional<Usage> usage_{};
  Finding finding_{};
  std::string detail_{};
  int told_status_ = 0;
  std::size_t blanks_ = 0;  // dropped before the answer began
  std::size_t taken_ = 0;   // bytes of output whose taker has not let go of them
  std::uint64_t outputs_ = 0;
  bool error_body_whole_ = true;
  bool spoke_after_finish_ = false;
};

}  // namespace airouter::engine
