#include "store/running_requests.h"

namespace airouterd::store {

void RunningRequests::begin(std::uint64_t call_id, std::shared_ptr<const std::string> line) {
  const std::scoped_lock lock(mutex_);
  if (running_.size() >= running_max) running_.erase(running_.begin());
  running_[call_id] = {std::move(line), "[]", 0};
}

std::shared_ptr<const std::string> RunningRequests::add_attempt(std::uint64_t call_id,
                                                                std::string_view attempt_json) {
  const std::scoped_lock lock(mutex_);
  const auto found = running_.find(call_id);
  if (found == running_.end()) return nullptr;
  Running& running = found->second;
  running.attempts.pop_back();
  if (running.attempt_count++ > 0) running.attempts += ',';
  running.attempts.append(attempt_json).append("]");
  return running.line;
}

std::optional<RunningRequests::Running> RunningRequests::end(std::uint64_t call_id) {
  const std::scoped_lock lock(mutex_);
  const auto found = running_.find(call_id);
  if (found == running_.end()) return std::nullopt;
  std::optional<Running> running(std::move(found->second));
  running_.erase(found);
  return running;
}

std::vector<RunningRequests::Running> RunningRequests::all() const {
  std::vector<Running> list;
  const std::scoped_lock lock(mutex_);
  for (auto running = running_.rbegin(); running != running_.rend(); ++running)
    list.push_back(running->second);
  return list;
}

}  // namespace airouterd::store
