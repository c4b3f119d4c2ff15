#include "store/client_keys.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"
#include "base/text_file.h"
#include "store/durable_file.h"

namespace airouterd::store {
namespace {

using airouter::Error;
using airouter::ErrorCode;
using airouter::Result;

constexpr std::size_t file_bytes_max = std::size_t{256} << 20;

std::int64_t unix_milliseconds(const airouter::Clock& clock) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(clock.wall_now().time_since_epoch()).count();
}

Error no_such_key() {
  return {ErrorCode::invalid_request, "there is no such key", 404};
}

}  // namespace

ClientKeys::ClientKeys(std::filesystem::path file, std::shared_ptr<airouter::Clock> clock)
    : path_(std::move(file)), clock_(std::move(clock)) {
  if (!path_.empty()) load();
}

ClientKeys::~ClientKeys() {
  // There is nobody left to tell.
  (void)save_counters();
}

void ClientKeys::load() {
  std::error_code error;
  if (!std::filesystem::exists(path_, error) && !error) return;
  airouter::TextFile read = airouter::read_text_file(path_, file_bytes_max, airouter::FileKind::regular);
  ClientKeysFile file;
  if (read.problem.empty()) file = parse_client_keys(read.text, hasher_);
  problem_ = read.problem.empty() ? file.problem : read.problem;
  if (!problem_.empty()) {
    ever_made_ = true;
    warnings_.push_back(fmt::format(
        "the client keys {} cannot be used: {}; no key is valid until it is mended, or moved away, and the "
        "server is started again",
        airouter::text::printable(path_.string()), problem_));
    return;
  }
  warnings_ = std::move(file.warnings);
  ever_made_ = file.ever_made;
  const bool must_rewrite = file.has_plain_keys;
  const std::vector<ClientKeyFacts> keys = std::move(file.keys);
  frame_ = std::move(file);
  for (const ClientKeyFacts& facts : keys)
    add(facts);
  // Nobody else's business, though only hashes; the earlier program left it open.
  std::filesystem::permissions(
      path_, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write, error);
  if (!must_rewrite) return;
  if (auto saved = save(); !saved)
    warnings_.push_back("client keys stand in the file as they are, and stay there: " +
                        saved.error().message);
}

ClientKey* ClientKeys::find(std::string_view key) const {
  if (key.empty() || key.size() > key_bytes_max || !ever_made()) return nullptr;
  ClientKey* found = table_.find(hasher_(key));
  return found == nullptr || found->is_removed() ? nullptr : found;
}

bool ClientKeys::is_expired(const ClientKey& key) const noexcept {
  return key.is_expired(unix_milliseconds(*clock_));
}

RateLimit::Verdict ClientKeys::admit(ClientKey& key) noexcept {
  RateLimit::Verdict verdict;
  if (const int limit = key.rate_limit(); limit > 0) verdict = key.limiter().admit(limit, clock_->now());
  if (!verdict.is_admitted) return verdict;
  key.count(unix_milliseconds(*clock_));
  // Written only when it changes: all requests share it.
  if (!has_counted_.load(std::memory_order_relaxed)) has_counted_.store(true, std::memory_order_relaxed);
  return verdict;
}

ClientKey& ClientKeys::add(const ClientKeyFacts& facts) {
  keys_.push_back(std::make_unique<ClientKey>(facts));
  ClientKey& key = *keys_.back();
  key.apply(facts, models_of(facts, key));
  key.entry_ = entry_of(facts, frame_.is_list);
  key.requests_in_entry_ = key.total_requests_;
  key.last_used_in_entry_ = key.last_used_;
  table_.insert(key);
  return key;
}

ClientKey* ClientKeys::with_id(std::string_view id) const {
  const auto found = std::find_if(keys_.begin(), keys_.end(),
                                  [&](const auto& key) { return !key->is_removed() && key->id() == id; });
  return found == keys_.end() ? nullptr : found->get();
}

// Lists that did not change stay the same: old ones are kept, since requests may still read them.
const AllowedModels* ClientKeys::models_of(const ClientKeyFacts& facts, const ClientKey& key) {
  if (!facts.models) return nullptr;
  if (const AllowedModels* old = key.models(); old != nullptr && old->entries() == *facts.models) return old;
  models_.push_back(std::make_unique<const AllowedModels>(*facts.models));
  return models_.back().get();
}

std::vector<ClientKeyFacts> ClientKeys::list() const {
  const std::scoped_lock lock(mutex_);
  std::vector<ClientKeyFacts> list;
  list.reserve(keys_.size());
  for (const auto& key : keys_)
    if (!key->is_removed()) list.push_back(key->facts());
  return list;
}

std::optional<ClientKeyFacts> ClientKeys::get(std::string_view id) const {
  const std::scoped_lock lock(mutex_);
  const ClientKey* key = with_id(id);
  return key == nullptr ? std::nullopt : std::optional(key->facts());
}

std::size_t ClientKeys::count() const {
  return static_cast<std::size_t>(
      std::count_if(keys_.begin(), keys_.end(), [](const auto& key) { return !key->is_removed(); }));
}

// Writes every key as it stands in the file, but `entry` in place of the one that has changed: behind the
// others if there is no `changed`, and nothing if it is empty. To write ten thousand keys out anew takes
// longer than all the rest of a save.
Result<void> ClientKeys::save(const ClientKey* changed, std::string_view entry) {
  if (!problem_.empty()) {
    return Error{
        ErrorCode::overloaded,
        fmt::format("cannot save '{}' over a file that cannot be used ({}): mend it, or move it away, "
                    "and start the server again",
                    airouter::text::printable(path_.string()), problem_)};
  }
  if (path_.empty()) return {};
  std::vector<std::string_view> entries;
  entries.reserve(keys_.size() + 1);
  for (const auto& key : keys_) {
    if (key->is_removed()) continue;
    if (key.get() != changed)
      entries.emplace_back(key->entry_);
    else if (!entry.empty())
      entries.push_back(entry);
  }
  if (changed == nullptr && !entry.empty()) entries.push_back(entry);
  auto saved = replace_file(path_, to_json(frame_, entries));
  is_saving_fine_ = static_cast<bool>(saved);
  return saved;
}

Result<ClientKeys::Made> ClientKeys::create(ClientKeyFacts facts) {
  const std::scoped_lock lock(mutex_);
  if (count() >= keys_max)
    return Error{ErrorCode::overloaded,
                 fmt::format("there are {} keys already, which is the most", keys_max)};
  do
    facts.id = random_hex(4);
  while (with_id(facts.id) != nullptr);
  Made made{"sk-" + facts.id + "-" + random_hex(24), {}};
  facts.hash = hasher_(made.key);
  facts.created_at = static_cast<double>(unix_milliseconds(*clock_)) / 1000;
  facts.last_used.reset();
  facts.total_requests = 0;
  const bool ever_made_before = std::exchange(frame_.ever_made, true);
  if (auto saved = save(nullptr, entry_of(facts, frame_.is_list)); !saved) {
    frame_.ever_made = ever_made_before;
    return saved.error();
  }
  add(facts);
  ever_made_ = true;
  made.facts = std::move(facts);
  return made;
}

Result<void> ClientKeys::change(std::string_view id, const ClientKeyChange& change) {
  const std::scoped_lock lock(mutex_);
  ClientKey* key = with_id(id);
  if (key == nullptr) return no_such_key();
  ClientKeyFacts facts = key->facts();
  change.apply_to(facts);
  std::string entry = entry_of(facts, frame_.is_list);
  if (auto saved = save(key, entry); !saved) return saved;
  key->entry_ = std::move(entry);
  key->apply(facts, models_of(facts, *key));
  return {};
}

Result<void> ClientKeys::remove(std::string_view id) {
  const std::scoped_lock lock(mutex_);
  ClientKey* key = with_id(id);
  if (key == nullptr) return no_such_key();
  if (auto saved = save(key); !saved) return saved;
  key->is_removed_.store(true, std::memory_order_release);
  key->entry_ = {};
  return {};
}

// Those whose counters are not what they say.
void ClientKeys::renew_entries() {
  for (const auto& key : keys_) {
    const std::int64_t requests = key->total_requests_, last_used = key->last_used_;
    if (requests == key->requests_in_entry_ && last_used == key->last_used_in_entry_) continue;
    key->entry_ = entry_of(key->facts(), frame_.is_list);
    key->requests_in_entry_ = requests;
    key->last_used_in_entry_ = last_used;
  }
}

Result<void> ClientKeys::save_counters() {
  if (path_.empty() || !problem_.empty() || !has_counted_.exchange(false)) return {};
  const std::scoped_lock lock(mutex_);
  renew_entries();
  auto saved = save();
  if (!saved) has_counted_ = true;
  return saved;
}

}  // namespace airouterd::store
