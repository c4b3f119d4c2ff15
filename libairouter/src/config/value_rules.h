#pragma once

#include <chrono>
#include <string>
#include <string_view>

namespace airouter::config {

// What single values may be, each rule in one place for files and for configs made by programs. A range
// includes both ends.
struct WholeRange {
  int min, max;
};
struct FactorRange {
  int min, max;
};
struct SecondsRange {
  int ms_min, ms_max;
};

inline constexpr WholeRange weight_range{1, 1'000'000};
inline constexpr WholeRange attempts_range{1, 100};
inline constexpr SecondsRange timeout_range{1, 86'400'000};   // a clock of no time would fail every attempt
inline constexpr SecondsRange cooldown_range{0, 86'400'000};  // 0: this kind of failure cools nothing
inline constexpr FactorRange multiplier_range{1, 100};
inline constexpr FactorRange multiplier_max_range{1, 10'000};

bool is_in(int value, WholeRange range) noexcept;
bool is_in(double value, FactorRange range) noexcept;  // false for NaN
bool is_in(std::chrono::milliseconds value, SecondsRange range) noexcept;

// "a whole number from 1 to 100", "a number of seconds from 0.001 to 86400".
std::string allowed(WholeRange range);
std::string allowed(FactorRange range);
std::string allowed(SecondsRange range);

// The value as a config file would have it.
std::string shown(int value);
std::string shown(double value);
std::string shown(std::chrono::milliseconds value);

// "found 0; allowed is a whole number from 1 to 100".
std::string mismatch(std::string_view found, std::string_view allowed);

inline constexpr std::string_view allowed_key =
    "up to 8192 visible ASCII characters, none of them a line end";
inline constexpr std::string_view allowed_name = "1 to 128 bytes of text without control characters";
inline constexpr std::string_view allowed_model = "1 to 512 bytes of text without control characters";
inline constexpr std::string_view allowed_base_url =
    "http:// or https://, a host, and optionally a port and a path";
inline constexpr std::string_view allowed_proxy =
    "\"none\", nothing, or http://, https://, socks5:// or socks5h://, a host and a port";

// What is wrong with a value, or empty. The answers never repeat the value.
std::string_view key_problem(std::string_view key) noexcept;
std::string_view name_problem(std::string_view name) noexcept;   // of a provider
std::string_view model_problem(std::string_view name) noexcept;  // what clients or providers call a model

}  // namespace airouter::config
