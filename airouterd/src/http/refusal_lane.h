#pragma once

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <list>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <airouter/clock.h>

#include "http/head_parser.h"
#include "http/read_buffer.h"
#include "http/server.h"
#include "http/worker_pool.h"

namespace airouterd::http {

// Where connections go that the server has no room for. One thread reads their heads side by side: a request
// that may pass is handed on, every other one is refused as soon as its head is there. It waits for nobody,
// and is bounded: who comes when all places are taken gets that of a client who has been refused already, or
// else of the one who has been silent longest, so nobody can keep the lane. Thread-safe.
class RefusalLane {
 public:
  struct Parts {
    // Whose threads a request of this head may use although the server is full; null: it is refused.
    std::function<WorkerPool*(const Head&)> pool_of{};

    // Serves a connection of which `input` has been read already, on one of these threads. False: none is
    // free, and the socket is still the lane's.
    std::function<bool(WorkerPool&, int socket_fd, std::string input)> hand_on{};

    // What a refused client is sent; `path` is empty where it has not come.
    std::function<std::string(const std::string& path)> refusal{};
  };

  // `options` must outlive it.
  RefusalLane(const ServerOptions& options, Parts parts);
  ~RefusalLane();
  RefusalLane(const RefusalLane&) = delete;
  RefusalLane& operator=(const RefusalLane&) = delete;

  // Once. Where the system has no thread for it, clients are refused unheard.
  void start() noexcept;

  // Owns the socket from then on. Waits only for the lane's thread to catch up.
  void take(int socket_fd) noexcept;

  // Closes its connections. Those that come later are refused unheard.
  void stop() noexcept;

 private:
  // Used by the lane's thread.
  struct Guest {
    explicit Guest(int socket_fd) noexcept : fd(socket_fd) {}
    ~Guest();
    Guest(const Guest&) = delete;
    Guest& operator=(const Guest&) = delete;

    int fd;  // -1: handed on
    airouter::TimePoint until{};
    bool is_ready = true;        // there may be something to read
    WorkerPool* pool = nullptr;  // if its request may pass: waits for one of these threads
    bool is_refused = false;     // what it still sends is thrown away
    std::size_t thrown_away = 0;
    ReadBuffer input{};
    HeadParser parser{};
  };

  void run() noexcept;
  void wait();
  bool let_in();
  void make_place();
  bool attend(Guest& guest);
  bool hear(Guest& guest);
  bool hand_on(Guest& guest);
  bool throw_away(Guest& guest) const noexcept;
  void refuse(Guest& guest) const noexcept;

  // Constant after construction.
  const ServerOptions& options_;
  const Parts parts_;
  const int wake_fd_;

  std::thread thread_{};       // used by the thread that starts and stops
  std::list<Guest> guests_{};  // used by the lane's thread; in order of arrival

  // guarded by mutex_
  std::mutex mutex_{};
  std::condition_variable caught_up_{};
  std::vector<int> arrivals_{};
  bool is_running_ = false;
};

}  // namespace airouterd::http
