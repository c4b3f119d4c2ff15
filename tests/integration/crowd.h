#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "integration/gateway.h"
#include "support/raw_client.h"

// Many clients at once, each on a thread of its own.
namespace gateway {

// The time that `percent` of these stay within. `times` must not be empty.
inline milliseconds percentile(std::vector<milliseconds> times, int percent) {
  std::sort(times.begin(), times.end());
  return times[(times.size() - 1) * static_cast<std::size_t>(percent) / 100];
}

struct Visit {
  RawAnswer answer{};
  milliseconds time{};  // from the first byte sent to the last one read
};

// Lets as many clients connect and act in the same moment.
inline std::vector<Visit> visit_at_once(int clients, const std::function<RawAnswer(RawClient&)>& act,
                                        int port) {
  std::vector<Visit> visits(static_cast<std::size_t>(clients));
  std::vector<std::thread> threads;
  std::atomic<int> arrived{0};
  for (Visit& visit : visits) {
    threads.emplace_back([&] {
      ++arrived;
      while (arrived < clients)
        std::this_thread::yield();
      const auto begin = steady_clock::now();
      RawClient client(port);
      visit.answer = act(client);
      visit.time = std::chrono::duration_cast<milliseconds>(steady_clock::now() - begin);
    });
  }
  for (std::thread& thread : threads)
    thread.join();
  return visits;
}

// What a crowd got out of a daemon.
struct Load {
  int served = 0, refused = 0;
  int odd = 0;  // neither an answer nor a refusal
  std::vector<milliseconds> refusals{};
  milliseconds time{};

  double per_second() const { return served * 1000.0 / static_cast<double>(time.count()); }
};

// Clients that ask again and again for this long, each as soon as it has an answer, and a moment after a
// refusal: far sooner than they are told to.
inline Load load(int port, int clients, milliseconds duration) {
  Load all;
  std::mutex mutex;
  std::vector<std::thread> threads;
  const auto begin = steady_clock::now();
  for (int i = 0; i < clients; ++i) {
    threads.emplace_back([&] {
      Load own;
      std::optional<RawClient> client;
      while (steady_clock::now() < begin + duration) {
        if (!client) client.emplace(port);
        const auto asked = steady_clock::now();
        client->send(chat_request(chat_body()));
        const RawAnswer answer = client->read_answer();
        ++(answer.status == 200 ? own.served : answer.status == 503 ? own.refused : own.odd);
        if (answer.status == 503) {
          own.refusals.push_back(std::chrono::duration_cast<milliseconds>(steady_clock::now() - asked));
          std::this_thread::sleep_for(50ms);
        }
        if (answer.header("connection") == "close" || !answer.is_whole) client.reset();
      }
      const std::lock_guard lock(mutex);
      all.served += own.served;
      all.refused += own.refused;
      all.odd += own.odd;
      all.refusals.insert(all.refusals.end(), own.refusals.begin(), own.refusals.end());
    });
  }
  for (std::thread& thread : threads)
    thread.join();
  all.time = std::chrono::duration_cast<milliseconds>(steady_clock::now() - begin);
  return all;
}

}  // namespace gateway
