#include "config/key_source.h"

#include <algorithm>
#include <cstdlib>

#include "base/limits.h"
#include "base/text.h"
#include "base/text_file.h"

namespace airouter::config {
namespace {

constexpr std::string_view env_prefix = "env:";
constexpr std::string_view file_prefix = "file:";

// Far more than any key: what is longer is the wrong file.
constexpr std::size_t key_file_bytes_max = 64 * limits::kibibyte;

// A portable name (POSIX 3.231). Also keeps keys out of shown names, as most hold a hyphen.
bool is_variable_name(std::string_view name) {
  const auto is_allowed = [](char c) {
    return c == '_' || (c >= '0' && c <= '9') || (text::lower(c) >= 'a' && text::lower(c) <= 'z');
  };
  return !name.empty() && !(name[0] >= '0' && name[0] <= '9') &&
         std::all_of(name.begin(), name.end(), is_allowed);
}

ResolvedKey from_environment(const std::string& written) {
  const std::string name = written.substr(env_prefix.size());
  if (!is_variable_name(name)) return {.malformed = "\"env:\" without a valid name after it"};
  const char* value = std::getenv(name.c_str());
  const std::string key(value == nullptr ? "" : text::trim(value));
  ResolvedKey out{.key = Secret(key, written)};
  if (value == nullptr) out.missing = "the environment variable it names is not set";
  if (value != nullptr && key.empty()) out.missing = "the environment variable it names is empty";
  return out;
}

ResolvedKey from_file(const std::string& written) {
  const std::string path = written.substr(file_prefix.size());
  if (path.empty() || path.find('\0') != std::string::npos)
    return {.malformed = "\"file:\" without a valid path after it"};
  const TextFile file = read_text_file(path, key_file_bytes_max, FileKind::regular);
  const std::string key(text::trim(file.text));
  ResolvedKey out{.key = Secret(key, written)};
  if (!file.problem.empty())
    out.missing = "the file it names " + file.problem;
  else if (key.empty())
    out.missing = "the file it names is empty";
  return out;
}

}  // namespace

bool names_a_source(std::string_view written) noexcept {
  return written.starts_with(env_prefix) || written.starts_with(file_prefix);
}

ResolvedKey resolve_key(const std::string& written) {
  if (written.starts_with(env_prefix)) return from_environment(written);
  if (written.starts_with(file_prefix)) return from_file(written);
  return {.key = Secret(written, written)};
}

}  // namespace airouter::config
