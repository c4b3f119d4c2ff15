#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <airouter/export.h>
#include <airouter/result.h>

namespace airouter {

// A key that cannot be printed by accident: no stream operator, no formatter. Copyable; not erased from
// memory.
class AIROUTER_EXPORT Secret {
 public:
  Secret() = default;
  explicit Secret(std::string value) : value_(std::move(value)) {}

  // `written` is how the config file spells it: the key itself, "env:NAME" or "file:PATH".
  Secret(std::string value, std::string written) : value_(std::move(value)), written_(std::move(written)) {}

  const std::string& reveal() const noexcept { return value_; }

  // For people: "sk-…4963", "***" for keys under 12 characters, "env:NAME" and "file:PATH" as written.
  std::string masked() const;

  bool empty() const noexcept { return value_.empty(); }
  friend bool operator==(const Secret& a, const Secret& b) { return a.value_ == b.value_; }

 private:
  std::string value_{}, written_{};
};

// Each is its own monotonic clock. The first three start afresh with each attempt, `total` with the call.
struct Timeouts {
  std::chrono::milliseconds connect{10'000};
  std::chrono::milliseconds first_output{
      120'000};                             // until the first output event, or the head of a plain answer
  std::chrono::milliseconds idle{120'000};  // between bytes after that
  std::chrono::milliseconds total{3'600'000};
};

enum class Protocol { openai };

struct Provider {
  std::string name{};      // unique, 1 … 128 bytes; names it in logs, headers and health
  std::string base_url{};  // scheme://host[:port][/prefix], http or https
  Secret api_key{};        // empty: no Authorization header is sent
  int weight = 1;          // 1 … 1 000 000: its share of first picks
  std::vector<std::string> supported_models{};  // `*` matches any run of characters
  std::optional<Timeouts> timeouts{};           // unset: the config's
  std::string
      proxy{};  // http:// or socks5:// URL; "none": never; empty: the environment's, never for private hosts
  bool enabled = true;
  Protocol protocol = Protocol::openai;
};

struct ModelMapping {
  std::string name{};                 // what clients ask for
  std::vector<std::string> models{};  // what providers call it, best first
};

// How long a failure keeps a provider or a model out. Milliseconds, so that tests can use 200.
struct CooldownPolicy {
  std::chrono::milliseconds rate_limited{60'000}, server_error{300'000}, timeout{120'000}, network{60'000},
      overloaded{30'000}, bad_answer{60'000};
  bool honor_retry_after = true;                  // a provider's Retry-After, clamped to 1 s … 3600 s, wins
  double multiplier = 1.0, multiplier_max = 1.0;  // growth over repeated failures; 1.0: none
};

struct Config {
  std::vector<Provider> providers{};
  std::vector<ModelMapping> model_map{};
  int max_retries = 3;  // attempts per call, the first included, each at another provider; 1 … 100
  Timeouts timeouts{};
  CooldownPolicy cooldown{};
  bool rewrite_response_model = true;  // answers carry the model name that was asked for
};

// The timeouts that hold for one provider: its own, else the config's.
AIROUTER_EXPORT const Timeouts& timeouts_of(const Config& config, const Provider& provider) noexcept;

// Where a program of its own keeps keys in the same file, so that they are neither unknown nor wrong there.
struct KeySpec {
  std::string_view
      pointer{};  // JSON pointer, e.g. "/log/keep_days"; an object's own entry covers only the object
  std::string_view type{};  // "string", "integer", "number", "boolean", "array", "object" or "any"
};

struct ConfigProblem {
  std::string where{};       // JSON pointer, RFC 6901
  int line = 0, column = 0;  // 1-based; column in bytes; 0 where there is no place in the file
  std::string message{};     // what was found and what is allowed
  bool fatal = true;         // false: a warning; the config works
};

// "3:14 /providers/0/weight: …", for a terminal.
AIROUTER_EXPORT std::string to_string(const ConfigProblem& problem);

// The file format is JSON with comments; docs/configuration.md has every key. These functions read
// environment variables and files for keys written "env:NAME" and "file:PATH", and nothing else. Thread-safe.
//
// Failure of the first two is invalid_config, with every fatal problem in the message, a line each.
AIROUTER_EXPORT Result<Config> parse_config(std::string_view json, std::span<const KeySpec> more = {});
AIROUTER_EXPORT Result<Config> load_config(const std::filesystem::path& file,
                                           std::span<const KeySpec> more = {});
AIROUTER_EXPORT std::vector<ConfigProblem> check_config(std::string_view json,
                                                        std::span<const KeySpec> more = {});

// The same rules for a Config made by a program. `where` points as if it had been a file.
AIROUTER_EXPORT std::vector<ConfigProblem> check_config(const Config& config);

}  // namespace airouter
