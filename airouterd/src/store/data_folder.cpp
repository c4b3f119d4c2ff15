#include "store/data_folder.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

namespace airouterd::store {

DataFolder::~DataFolder() {
  if (lock_fd_ >= 0) ::close(lock_fd_);
}

DataFolder::Outcome DataFolder::lock(const std::filesystem::path& folder, std::string& problem) {
  const std::filesystem::path file = folder / "airouterd.lock";
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) {
    problem = fmt::format("the data folder {} cannot be made: {}", folder.string(), std::strerror(errno));
    return Outcome::unusable;
  }
  lock_fd_ = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (lock_fd_ < 0) {
    problem = fmt::format("the data folder {} cannot be written: {}", folder.string(), std::strerror(errno));
    return Outcome::unusable;
  }
  if (::flock(lock_fd_, LOCK_EX | LOCK_NB) == 0) return Outcome::locked;
  problem = fmt::format("another airouterd uses the data folder {}; give this one its own with --data",
                        folder.string());
  return Outcome::in_use;
}

}  // namespace airouterd::store
