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
  for (const ClientKeyFacts& facts : file.keys)
    add(facts);
  ever_made_ = file.ever_made;
  const bool must_rewrite = file.has_plain_keys;
  file.keys.clear();
  frame_ = std::move(file);
  // Nobody else's business, though only hashes; the earlier program left it open.
  std::filesystem::permissions(
      path_, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write, error);
  if (!must_rewrite) return;
  if (auto saved = save(snapshot()); !saved)
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
  return snapshot().keys;
}

std::optional<ClientKeyFacts> ClientKeys::get(std::string_view id) const {
  const std::scoped_lock lock(mutex_);
  const ClientKey* key = with_id(id);
  return key == nullptr ? std::nullopt : std::optional(key->facts());
}

ClientKeysFile ClientKeys::snapshot() const {
  ClientKeysFile file = frame_;
  file.ever_made = ever_made();
  file.keys.reserve(keys_.size());
  for (const auto& key : keys_)
    if (!key->is_removed()) file.keys.push_back(key->facts());
  return file;
}

Result<void> ClientKeys::save(const ClientKeysFile& file) {
  if (!problem_.empty()) {
    return Error{
        ErrorCode::overloaded,
        fmt::format("cannot save '{}' over a file that cannot be used ({}): mend it, or move it away, "
                    "and start the server again",
                    airouter::text::printable(path_.string()), problem_)};
  }
  if (path_.empty()) return {};
  auto saved = replace_file(path_, to_json(file));
  is_saving_fine_ = static_cast<bool>(saved);
  return saved;
}

Result<ClientKeys::Made> ClientKeys::create(ClientKeyFacts facts) {
  const std::scoped_lock lock(mutex_);
  ClientKeysFile file = snapshot();
  if (file.keys.size() >= keys_max)
    return Error{ErrorCode::overloaded,
                 fmt::format("there are {} keys already, which is the most", keys_max)};
  const auto is_taken = [&](const std::string& id) {
    return std::any_of(file.keys.begin(), file.keys.end(), [&](const auto& key) { return key.id == id; });
  };
  do
    facts.id = random_hex(4);
  while (is_taken(facts.id));
  Made made{"sk-" + facts.id + "-" + random_hex(24), {}};
  facts.hash = hasher_(made.key);
  facts.created_at = static_cast<double>(unix_milliseconds(*clock_)) / 1000;
  facts.last_used.reset();
  facts.total_requests = 0;
  file.keys.push_back(facts);
  file.ever_made = true;
  if (auto saved = save(file); !saved) return saved.error();
  add(facts);
  ever_made_ = true;
  made.facts = std::move(facts);
  return made;
}

Result<void> ClientKeys::change(std::string_view id, const ClientKeyChange& change) {
  const std::scoped_lock lock(mutex_);
  ClientKey* key = with_id(id);
  if (key == nullptr) return no_such_key();
  ClientKeysFile file = snapshot();
  const auto facts =
      std::find_if(file.keys.begin(), file.keys.end(), [&](const auto& each) { return each.id == id; });
  change.apply_to(*facts);
  if (auto saved = save(file); !saved) return saved;
  key->apply(*facts, models_of(*facts, *key));
  return {};
}

Result<void> ClientKeys::remove(std::string_view id) {
  const std::scoped_lock lock(mutex_);
  ClientKey* key = with_id(id);
  if (key == nullptr) return no_such_key();
  ClientKeysFile file = snapshot();
  std::erase_if(file.keys, [&](const ClientKeyFacts& each) { return each.id == id; });
  if (auto saved = save(file); !saved) return saved;
  key->is_removed_.store(true, std::memory_order_release);
  return {};
}

Result<void> ClientKeys::save_counters() {
  if (path_.empty() || !problem_.empty() || !has_counted_.exchange(false)) return {};
  const std::scoped_lock lock(mutex_);
  auto saved = save(snapshot());
  if (!saved) has_counted_ = true;
  return saved;
}

}  // namespace airouterd::store
