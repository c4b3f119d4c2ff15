#pragma once

#include <airouter.h>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <node_api.h>
#include <string>

// A call between the thread that runs it and JavaScript's: what came and was not taken yet. A full queue
// makes the call's thread wait, which slows the provider down. Thread-safe; shared by the call's callbacks
// and its JavaScript object.
class Stream {
 public:
  struct Item {
    enum class Kind { head, data, done } kind{};
    std::string first{},
        second{};  // head: JSON · data: events, text · done: error's JSON or empty, summary's JSON
  };

  // `wake` is called in JavaScript whenever something has come after the queue was empty, until it is
  // forgotten: node frees it when its environment ends, whoever still has a share of it.
  void wake_by(napi_threadsafe_function wake);
  void forget_wake();

  // On the thread of the call. False: the call is to stop.
  bool put(Item item);

  // On JavaScript's thread.
  std::deque<Item> take();
  void keep_loop_alive(napi_env env, bool alive);  // while somebody waits
  void stop_waiting();                             // the call's thread does not wait for room any longer
  void abandon();                                  // nor is anything taken

 private:
  void call_wake();     // with mutex_
  void release_wake();  // with mutex_, once per thread

  std::mutex mutex_{};

  // Guarded by mutex_.
  std::condition_variable room_{};
  std::deque<Item> items_{};
  std::size_t bytes_ = 0;
  bool is_abandoned_ = false, waits_for_room_ = true;
  napi_threadsafe_function wake_ = nullptr;  // null once node is closing it
  bool has_released_ = false;                // JavaScript's share of it
};
