#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "store/local_time.h"
#include "store/log_words.h"

namespace airouterd::store {

// Something that has just happened.
struct LiveItem {
  Microseconds id = 0;
  bool is_record = false;                       // a line of the log; else an attempt that has ended
  LogType type{};                               // of a record
  std::shared_ptr<const std::string> text{};    // the line; or `{"id":REQUEST,"attempt":{…}}`
  std::uint64_t number = 0, record_number = 0;  // how many items, and records, there were up to this one
};

// The newest of what has happened, and those who watch it happen. A watcher has no queue of its own: it knows
// how far it has come, and one that is too slow finds a gap. Thread-safe; outlives its watchers.
class LiveRing {
 public:
  static constexpr std::size_t records_max = 1000, items_max = 4000;

  // Each holds a connection and its thread.
  static constexpr std::size_t watchers_max = 64;

  // Somebody who watches. Used by one thread.
  class Watcher {
   public:
    Watcher(LiveRing& ring, std::optional<Microseconds> last_seen);
    ~Watcher();
    Watcher(const Watcher&) = delete;
    Watcher& operator=(const Watcher&) = delete;

    struct News {
      std::vector<LiveItem> items{};

      // A gap before the first item: how many items were missed, or records; 0: no gap, or nobody knows.
      bool has_gap = false;
      std::uint64_t missed_items = 0, missed_records = 0;
      bool is_over = false;  // the ring was closed: there will be nothing more
    };
    // What has happened since the last call. Never blocks.
    News take();

    // Polls readable once there may be news; -1: there was no descriptor to have.
    int wait_fd() const noexcept { return event_fd_; }

   private:
    friend class LiveRing;
    LiveRing& ring_;
    const int event_fd_;
    std::uint64_t seen_ = 0, seen_records_ = 0;
    bool is_resumed_behind_ = false;
  };

  explicit LiveRing(std::size_t records = records_max) : records_max_(records) {
    watchers_.reserve(watchers_max);
  }

  // Up to here, records were made before this process began.
  void begin_after(Microseconds id);

  void publish(std::vector<LiveItem> items);

  // Begins behind what has that id; without one, with what happens next. Null: too many watch, or it is
  // closed.
  std::unique_ptr<Watcher> watch(std::optional<Microseconds> last_seen);
  bool has_watchers() const noexcept { return has_watchers_.load(std::memory_order_relaxed); }

  // All watchers are told that it is over. Never blocks for long.
  void close();

  // The records that are still here, oldest first.
  std::vector<LiveItem> records() const;

 private:
  void wake_all();

  const std::size_t records_max_;
  std::atomic<bool> has_watchers_{false};

  // Guarded by mutex_.
  mutable std::mutex mutex_{};
  std::deque<LiveItem> items_{};
  std::vector<Watcher*> watchers_{};
  std::uint64_t number_ = 0, record_number_ = 0;  // of the last item
  Microseconds forgotten_ = 0;                    // the newest id that is no longer here
  bool is_closed_ = false;
};

}  // namespace airouterd::store
