#include "store/durable_file.h"

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <fcntl.h>
#include <string>
#include <sys/file.h>
#include <sys/stat.h>
#include <system_error>
#include <thread>
#include <unistd.h>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"

// The new content grows in a file beside the old one and then takes its name. One writer at a time works in a
// folder: it holds a lock on the folder itself, so that the helping files can have fixed names, and what a
// kill leaves of them is removed by the next save instead of piling up.
namespace airouterd::store {
namespace {

using airouter::Error;
using airouter::Result;

constexpr int symlinks_max = 40;
constexpr std::chrono::seconds lock_patience{5};

Error failure(std::string_view what, const std::filesystem::path& path, std::string_view reason) {
  Error error;
  error.code = airouter::ErrorCode::overloaded;
  error.message = fmt::format("cannot {} '{}': {}", what, airouter::text::printable(path.string()), reason);
  return error;
}

Error failure(std::string_view what, const std::filesystem::path& path, int number) {
  return failure(what, path, std::generic_category().message(number));
}

class Descriptor {
 public:
  explicit Descriptor(int fd) noexcept : fd_(fd) {}
  ~Descriptor() { close(); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  int get() const noexcept { return fd_; }
  bool close() noexcept { return fd_ < 0 || ::close(std::exchange(fd_, -1)) == 0; }

 private:
  int fd_;
};

// The file that `path` means: itself, or where its symlinks lead, whether there is a file or not.
Result<std::filesystem::path> followed(std::filesystem::path path) {
  const std::filesystem::path named = path;
  std::error_code error;
  for (int i = 0; i < symlinks_max; ++i) {
    if (!std::filesystem::is_symlink(path, error)) return path;
    const std::filesystem::path target = std::filesystem::read_symlink(path, error);
    if (error) return failure("follow the link", path, error.message());
    path = path.parent_path() / target;
  }
  return failure("follow the link", named, ELOOP);
}

Result<void> lock(int folder, const std::filesystem::path& path) {
  const auto until = std::chrono::steady_clock::now() + lock_patience;
  while (::flock(folder, LOCK_EX | LOCK_NB) != 0) {
    // Where there are no locks, there is one writer at best.
    if (errno != EWOULDBLOCK && errno != EINTR) return {};
    if (std::chrono::steady_clock::now() > until)
      return failure("save", path, "another program keeps its folder locked");
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return {};
}

int write_all(int fd, std::string_view content) noexcept {
  while (!content.empty()) {
    const ssize_t count = ::write(fd, content.data(), content.size());
    if (count < 0 && errno != EINTR) return errno;
    if (count > 0) content.remove_prefix(static_cast<std::size_t>(count));
  }
  return 0;
}

// One replacement, in a folder that is locked for it. Removes its helping files when destroyed.
class Replacement {
 public:
  Replacement(int folder, const std::filesystem::path& file)
      : folder_(folder),
        file_(file),
        name_(file.filename().string()),
        new_name_("." + name_ + ".new"),
        old_name_("." + name_ + ".old") {}
  ~Replacement() { clear(); }
  Replacement(const Replacement&) = delete;
  Replacement& operator=(const Replacement&) = delete;

  Result<void> run(std::string_view content) {
    clear();
    has_old_ = ::fstatat(folder_, name_.c_str(), &old_, AT_SYMLINK_NOFOLLOW) == 0;
    if (!has_old_ && errno != ENOENT) return failure("look at", file_, errno);
    if (has_old_ && !S_ISREG(old_.st_mode)) return failure("replace", file_, "it is not a regular file");
    if (auto written = write(content); !written) return written;
    return take_name();
  }

 private:
  void clear() const noexcept {
    ::unlinkat(folder_, new_name_.c_str(), 0);
    ::unlinkat(folder_, old_name_.c_str(), 0);
  }

  Result<void> write(std::string_view content) const {
    Descriptor file(::openat(folder_, new_name_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                             S_IRUSR | S_IWUSR));
    if (file.get() < 0) return failure("make a new file beside", file_, errno);
    if (has_old_ && !keep_access(file.get())) return failure("keep the mode of", file_, errno);
    if (const int number = write_all(file.get(), content); number != 0)
      return failure("write", file_, number);
    if (::fsync(file.get()) != 0) return failure("sync", file_, errno);
    if (!file.close()) return failure("write", file_, errno);
    return {};
  }

  // A group that cannot be kept must not give the file to another one.
  bool keep_access(int file) const noexcept {
    const mode_t mode = old_.st_mode & ALLPERMS;
    const bool is_same_owner = ::fchown(file, old_.st_uid, old_.st_gid) == 0;
    return ::fchmod(file, is_same_owner ? mode : mode & S_IRWXU) == 0;
  }

  // The old file keeps a second name until the new one is there to stay.
  Result<void> take_name() const {
    const bool has_way_back =
        has_old_ && ::linkat(folder_, name_.c_str(), folder_, old_name_.c_str(), 0) == 0;
    if (::renameat(folder_, new_name_.c_str(), folder_, name_.c_str()) != 0) {
      if (errno == EBUSY)
        return failure("replace", file_, "it is mounted by itself; mount the folder that it lies in instead");
      return failure("replace", file_, errno);
    }
    // EINVAL: a file system that has nothing to sync.
    if (::fsync(folder_) == 0 || errno == EINVAL) return {};
    const int number = errno;
    if (has_way_back) ::renameat(folder_, old_name_.c_str(), folder_, name_.c_str());
    if (!has_old_) ::unlinkat(folder_, name_.c_str(), 0);
    if (has_old_ && !has_way_back)
      return failure(
          "sync the folder of", file_,
          "it holds the new content, which a power cut may undo: " + std::generic_category().message(number));
    return failure("sync the folder of", file_, number);
  }

  const int folder_;
  const std::filesystem::path& file_;
  const std::string name_, new_name_, old_name_;
  struct stat old_ {};
  bool has_old_ = false;
};

}  // namespace

Result<void> replace_file(const std::filesystem::path& path, std::string_view content) try {
  const auto file = followed(path);
  if (!file) return file.error();
  if (!file->has_filename()) return failure("replace", path, "it is no file's name");
  const std::filesystem::path folder = file->has_parent_path() ? file->parent_path() : ".";
  const Descriptor folder_fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder_fd.get() < 0) return failure("open the folder of", *file, errno);
  if (auto locked = lock(folder_fd.get(), *file); !locked) return locked;
  return Replacement(folder_fd.get(), *file).run(content);
} catch (const std::exception& error) {
  return failure("replace", path, error.what());
}

}  // namespace airouterd::store
