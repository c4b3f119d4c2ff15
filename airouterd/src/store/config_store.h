#pragma once

#include <atomic>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <airouter/config.h>
#include <airouter/result.h>

#include "base/json.h"
#include "base/text_file.h"
#include "store/server_config.h"

namespace airouterd::store {

// A thousand providers of a hundred models each take 3 MiB.
inline constexpr std::size_t config_bytes_max = std::size_t{16} << 20;

// Where the config lives, and what the command line says instead of it.
struct ConfigPlace {
  std::filesystem::path file{};       // empty: nowhere, it lives in memory only
  std::filesystem::path last_good{};  // empty: none is kept
  std::string host{};                 // empty: the file's
  std::optional<int> port{};          // unset: the file's
  std::string admin_auth{};           // empty: the file's
};

// The config as it was read or saved. Immutable.
struct LoadedConfig {
  std::string text = "{}\n";  // byte for byte
  bool has_file = false;      // false: the first save makes it
  airouter::json::Value root{};
  ParsedFile parsed{};  // with what the command line says
};

// How reading or saving the config ended. Everything but `done` has changed nothing.
struct ConfigOutcome {
  enum class Kind {
    done,
    refused,      // by the edit itself
    conflict,     // the file is not what was read: somebody else changed it
    invalid,      // `problems` says what is wrong
    unreadable,   // `reason` says why
    not_saved,    // `reason` says why; the file is as it was
    not_applied,  // `reason` says why; the file has the new config
  };

  Kind kind = Kind::done;
  std::string reason{};
  std::vector<airouter::ConfigProblem> problems{};

  bool is_done() const noexcept { return kind == Kind::done; }
};

// The config file of a running server. A save changes only the bytes of what was changed, is on the disk for
// good before it is served, and never overwrites what somebody else wrote: the file is read again before
// each. Thread-safe; one save or reload runs at a time, readers never wait for it.
class ConfigStore {
 public:
  // Takes a config into service. Never called at the same time twice.
  using Apply = std::function<airouter::Result<void>(const airouter::Config&, const ServerConfig&)>;

  // Told of each save and reload, and of each that failed: a sentence for the log, without a secret.
  using Announce = std::function<void(const std::string& english, const std::string& chinese)>;

  // Makes the new text out of the current one; nothing: it does not want to.
  using Edit = std::function<std::optional<std::string>(const LoadedConfig&)>;

  // A name for a save, e.g. {"provider 'x' added", …}.
  struct Title {
    std::string english{}, chinese{};
  };

  explicit ConfigStore(ConfigPlace place) : place_(std::move(place)) {}

  // Reads the file for the first time; none at all is an empty config, unless it `must_exist`.
  ConfigOutcome load(bool must_exist);

  // Instead: the config of a server that has no file.
  ConfigOutcome load_text(std::string text);

  // Before the first save or reload; not thread-safe.
  void connect(Apply apply, Announce announce);

  ConfigOutcome save(const Edit& edit, const Title& title);

  // Whether a text could be the config: `done` or `invalid`. Changes nothing.
  ConfigOutcome check(std::string text) const;

  // Takes the file as it is, also if nothing in it changed: keys may come from elsewhere.
  ConfigOutcome reload();

  // Copies the config that was last taken into service to the place of the last good one, if it is another.
  // To be called once it has served.
  airouter::Result<void> keep_last_good();

  // False: the last time the config, or a copy of it, was to be written, it could not be.
  bool is_saving_fine() const noexcept { return is_saving_fine_.load(); }

  std::shared_ptr<const LoadedConfig> current() const;
  const ConfigPlace& place() const noexcept { return place_; }

 private:
  struct Reading;

  Reading read(bool must_exist, airouter::FileKind kind) const;
  ConfigOutcome take(std::string text, bool has_file, std::shared_ptr<const LoadedConfig>& loaded) const;
  ConfigOutcome apply(std::shared_ptr<const LoadedConfig> loaded);
  ConfigOutcome try_save(const Edit& edit);
  airouter::Result<void> write(const std::filesystem::path& file, const std::string& text);
  void announce(const Title& title) const;

  // Constant after connect().
  const ConfigPlace place_;
  Apply apply_{};
  Announce announce_{};

  std::mutex writer_;  // held while the file is read or written and while its config is applied
  // Guarded by writer_.
  std::shared_ptr<const LoadedConfig> served_{};  // the current one, but for one that could not be applied
  std::string last_good_{};                       // what keep_last_good has written

  std::atomic<bool> is_saving_fine_{true};

  mutable std::mutex mutex_;
  std::shared_ptr<const LoadedConfig> current_ = std::make_shared<const LoadedConfig>();  // guarded by mutex_
};

}  // namespace airouterd::store
