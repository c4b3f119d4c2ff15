#include "store/refusal_sums.h"

#include <utility>

namespace airouterd::store {
namespace {

constexpr Microseconds minute = 60'000'000;

// Nobody fetches them while the log's thread waits for a disk.
constexpr std::size_t over_max = 1024;

}  // namespace

bool RefusalSums::admits(const RequestRefused& refused, Microseconds time) {
  const std::scoped_lock lock(mutex_);
  if (const std::int64_t now = time / minute; now != minute_) {
    end_minute();
    minute_ = now;
  }
  const std::string kind = refused.is_counted ? "request " : "administration ";
  auto found = seen_.find(kind + refused.client_ip);
  const bool is_one_of_many = found == seen_.end() && seen_.size() >= addresses_max;
  if (is_one_of_many) {
    found = seen_.try_emplace(kind).first;
  } else if (found == seen_.end()) {
    found = seen_.try_emplace(kind + refused.client_ip).first;
  }
  Seen& seen = found->second;
  if (!is_one_of_many && seen.told < told_of_address_max && told_ < told_max) {
    ++seen.told;
    ++told_;
    return true;
  }
  ++seen.sum.count;
  seen.sum.last = refused;
  if (is_one_of_many) seen.sum.last.client_ip.clear();
  return false;
}

std::vector<RefusalSums::Sum> RefusalSums::take(Microseconds time) {
  const std::scoped_lock lock(mutex_);
  if (time / minute != minute_) end_minute();
  return std::exchange(over_, {});
}

std::vector<RefusalSums::Sum> RefusalSums::take_all() {
  const std::scoped_lock lock(mutex_);
  end_minute();
  return std::exchange(over_, {});
}

void RefusalSums::end_minute() {
  for (auto& [key, seen] : seen_) {
    if (seen.sum.count == 0) continue;
    if (over_.size() < over_max) {
      over_.push_back(std::move(seen.sum));
    } else {
      over_.back().count += seen.sum.count;
    }
  }
  seen_.clear();
  told_ = 0;
}

}  // namespace airouterd::store
