#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <airouter/clock.h>
#include <airouter/events.h>

#include "store/live_ring.h"
#include "store/log_archive.h"
#include "store/log_entry.h"
#include "store/log_filter.h"
#include "store/log_queue.h"
#include "store/refusal_sums.h"
#include "store/running_requests.h"
#include "store/statistics_book.h"

namespace airouterd::store {

struct RequestLogOptions {
  std::filesystem::path folder{};  // of the files; empty: everything is kept in memory, as far as it goes
  bool is_folder_missing = false;  // there should be one: the log is not healthy without
  int days_kept = 30;
  std::uint64_t bytes_max = std::uint64_t{1024} << 20;
  std::shared_ptr<airouter::Clock> clock{};  // null: the real one

  // Told of each record but notes, as it is written; on the log's thread.
  std::function<void(LogLevel level, std::string_view line)> on_record{};

  // Told of a record that sums up refusals, in both languages; on the log's thread.
  std::function<void(const std::string& english, const std::string& chinese)> on_sum{};

  // Told when the log can no longer be written, and when it can again; on the log's thread.
  std::function<void(std::string_view problem)> on_trouble{};

  std::size_t queue_max = 16'384;  // events; a second of a busy server
  std::size_t indexed_max = std::size_t{1} << 20;
};

// Remembers every request: in files, a line each, in memory the newest, live for those who watch, and counted
// by day. Whoever tells it something waits for nothing: a thread of its own writes. What cannot be written is
// counted as lost and still shown and counted while the process lives. Thread-safe.
class RequestLog final : public airouter::Observer {
 public:
  // Reads the files that there are, which takes a second for a million records.
  explicit RequestLog(RequestLogOptions options);
  ~RequestLog() override;  // everything told before is written

  void on_call_started(const airouter::CallSummary& call) noexcept override;
  void on_attempt(const airouter::CallSummary& call, const airouter::Attempt& attempt) noexcept override;
  void on_call_finished(const airouter::CallSummary& call, const airouter::Error* error) noexcept override;
  void on_health(const airouter::HealthEvent& event) noexcept override;

  // False: it is only counted, and will be told with others of its address when the minute is over.
  bool on_refused(RequestRefused refused) noexcept;

  // Something that matters beside requests, as a saved config, in both languages. Never holds a secret.
  void note(LogLevel level, std::string message, std::string chinese) noexcept;

  // From the config; hold from the next tidying on.
  void set_limits(int days_kept, std::uint64_t bytes_max) noexcept;

  // Whether what happens is being written.
  bool is_healthy() const noexcept { return is_healthy_.load(); }

  // The id of the newest record that is of no request, as of a health that changed or a config that was
  // saved; 0: none since the start.
  Microseconds newest_event() const noexcept { return newest_event_.load(); }

  // Records that were told but are in no file, since the start.
  std::uint64_t lost() const;

  // What follows shows everything that was told before it.

  struct Page {
    std::vector<std::string> lines{};           // newest first
    std::optional<Microseconds> searched_to{};  // set: time ran out; what is older was not looked at
  };
  Page search(const LogFilter& filter);
  DayStatistics statistics(Day day);
  std::vector<RunningRequests::Running> running();

  LocalTime now() const;
  LiveRing& live() noexcept { return live_; }

 private:
  struct Batch;
  template <class What>
  void tell(const What& what, bool is_passing = false) noexcept;
  void flush();
  void run();
  void process(const std::vector<LogEvent>& events);
  void add(Batch& batch, const LogEvent& event);
  void publish(Batch& batch);
  void add_record(Batch& batch, LogEntry& entry, Microseconds time);
  void show_attempt(Batch& batch, const std::string& request, std::string_view attempt, Microseconds time);
  void end_request(Batch& batch, const CallFinished& event, Microseconds time);
  enum class Counting { yes, done };
  void scan(Batch& batch, Counting counting);
  void write(const Batch& batch);
  void set_healthy(bool is_healthy);
  void look_after_files();
  void report_lost(Microseconds time);
  void report_refused(const std::vector<RefusalSums::Sum>& sums, Microseconds time);
  Microseconds next_id(Microseconds time) noexcept;
  Microseconds wall_time() const noexcept;

  // Constant after construction.
  const RequestLogOptions options_;
  const std::shared_ptr<airouter::Clock> clock_;

  // Own synchronization.
  LogQueue queue_;
  StatisticsBook book_;
  RunningRequests running_{};
  RefusalSums refused_{};
  LiveRing live_{};
  std::optional<LogArchive> archive_{};  // none: there is no folder
  std::atomic<bool> is_healthy_{true};
  std::atomic<std::uint64_t> unwritten_{0};
  std::atomic<Microseconds> newest_event_{0};
  std::atomic<int> days_kept_;
  std::atomic<std::uint64_t> bytes_max_;

  // Used by the writing thread; without one, by whoever tells something, under inline_mutex_.
  Microseconds last_id_ = 0;
  LocalClock local_{};
  LineScanner scanner_{};
  std::uint64_t reported_lost_ = 0;
  std::int64_t tidied_ = 0;
  std::mutex inline_mutex_{};

  std::thread thread_{};  // the last one: it uses all the others
};

}  // namespace airouterd::store
