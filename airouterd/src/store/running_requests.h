#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace airouterd::store {

// The requests that are on their way. Thread-safe.
class RunningRequests {
 public:
  struct Running {
    std::shared_ptr<const std::string> line{};  // the record that it was accepted
    std::string attempts{};                     // those that have ended, as a JSON array
    std::size_t attempt_count = 0;
  };

  void begin(std::uint64_t call_id, std::shared_ptr<const std::string> line);

  // Notes an attempt that has ended. The request; null: it never began.
  std::shared_ptr<const std::string> add_attempt(std::uint64_t call_id, std::string_view attempt_json);

  // Nothing: it never began.
  std::optional<Running> end(std::uint64_t call_id);

  // The newest first.
  std::vector<Running> all() const;

 private:
  // More cannot run at one time; whoever is lost track of makes room in the end.
  static constexpr std::size_t running_max = 65'536;

  mutable std::mutex mutex_{};
  std::map<std::uint64_t, Running> running_{};  // guarded by mutex_
};

}  // namespace airouterd::store
