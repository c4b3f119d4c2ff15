#include "store/admin_token.h"

#include <algorithm>
#include <sys/stat.h>

#include <fmt/format.h>

#include "base/text.h"
#include "base/text_file.h"
#include "store/durable_file.h"
#include "store/secrets.h"

namespace airouterd::store {
namespace {

constexpr std::size_t token_bytes = 32;  // of entropy; twice as many digits

// Owners may choose a token of their own, if it is one that nobody guesses and that a header can carry.
constexpr std::size_t token_size_min = 32, token_size_max = 256;

constexpr std::size_t file_bytes_max = 4096;

bool is_token(std::string_view text) {
  return text.size() >= token_size_min && text.size() <= token_size_max &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < '\x7F'; });
}

airouter::Error problem(const std::filesystem::path& file, std::string_view what) {
  airouter::Error error;
  error.code = airouter::ErrorCode::invalid_config;
  error.message = fmt::format("the admin token {} {}", airouter::text::printable(file.string()), what);
  return error;
}

// The file's content without what editors and echo put around it; empty: there is no token yet.
airouter::Result<std::string> content_of(const std::filesystem::path& file) {
  std::error_code error;
  if (!std::filesystem::exists(file, error) && !error) return std::string();
  const airouter::TextFile read = airouter::read_text_file(file, file_bytes_max, airouter::FileKind::regular);
  if (!read.problem.empty()) return problem(file, read.problem);
  std::string text(airouter::text::trim(read.text));
  if (!text.empty() && !is_token(text)) {
    return problem(file, fmt::format("is none: allowed are {} to {} visible ASCII characters; delete the "
                                     "file, and the next start makes a good one",
                                     token_size_min, token_size_max));
  }
  return text;
}

// Nobody else may read it, whoever made it.
std::string keep_private(const std::filesystem::path& file) {
  struct stat status {};
  if (::stat(file.c_str(), &status) != 0 || (status.st_mode & (S_IRWXG | S_IRWXO)) == 0) return {};
  if (::chmod(file.c_str(), S_IRUSR | S_IWUSR) == 0) return {};
  return fmt::format("others than its owner may read {}", airouter::text::printable(file.string()));
}

}  // namespace

AdminToken temporary_admin_token() {
  return {random_hex(token_bytes), {}, {}};
}

airouter::Result<AdminToken> read_admin_token(const std::filesystem::path& folder) {
  const std::filesystem::path file = folder / "admin_token";
  auto text = content_of(file);
  if (!text) return text.error();
  if (text->empty()) return problem(file, "is not there yet: the first start of the server makes it");
  return AdminToken{*std::move(text), file, {}};
}

airouter::Result<AdminToken> read_or_make_admin_token(const std::filesystem::path& folder) {
  const std::filesystem::path file = folder / "admin_token";
  auto text = content_of(file);
  if (!text) return text.error();
  if (!text->empty()) return AdminToken{*std::move(text), file, keep_private(file)};
  AdminToken made = temporary_admin_token();
  if (auto saved = replace_file(file, made.text + "\n"); !saved) {
    made.warning = fmt::format("{}; the admin token ends with this run", saved.error().message);
    return made;
  }
  made.file = file;
  made.warning = keep_private(file);
  return made;
}

}  // namespace airouterd::store
