#include "store/data_folder.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

namespace airouterd::store {
namespace {

constexpr std::string_view lock_name = "airouterd.lock";

// Two bytes of the file, each locked by itself: the folder, for as long as the process lives, and the address
// that stands in the file, once it does. Such a lock is the open file's, so it ends with the process, and
// others can ask whether there is one without taking it.
constexpr off_t folder_byte = 0, address_byte = 1;

struct flock lock_of(off_t byte) {
  struct flock range {};
  range.l_type = F_WRLCK;
  range.l_whence = SEEK_SET;
  range.l_start = byte;
  range.l_len = 1;
  return range;
}

bool take_lock(int fd, off_t byte) {
  struct flock range = lock_of(byte);
  return ::fcntl(fd, F_OFD_SETLK, &range) == 0;
}

bool is_locked(int fd, off_t byte) {
  struct flock range = lock_of(byte);
  return ::fcntl(fd, F_OFD_GETLK, &range) == 0 && range.l_type != F_UNLCK;
}

}  // namespace

DataFolder::~DataFolder() {
  if (lock_fd_ >= 0) ::close(lock_fd_);
}

DataFolder::Outcome DataFolder::lock(const std::filesystem::path& folder, std::string& problem) {
  const std::filesystem::path file = folder / lock_name;
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) {
    problem = fmt::format("the data folder {} cannot be made: {}", folder.string(), std::strerror(errno));
    return Outcome::unusable;
  }
  const int fd = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0) {
    problem = fmt::format("the data folder {} cannot be written: {}", folder.string(), std::strerror(errno));
    return Outcome::unusable;
  }
  if (take_lock(fd, folder_byte)) {
    lock_fd_ = fd;
    return Outcome::locked;
  }
  ::close(fd);
  problem = fmt::format("another airouterd uses the data folder {}; give this one its own with --data",
                        folder.string());
  return Outcome::in_use;
}

void DataFolder::tell_address(std::string_view address) noexcept {
  if (lock_fd_ < 0 || ::ftruncate(lock_fd_, 0) != 0) return;
  if (::pwrite(lock_fd_, address.data(), address.size(), 0) == static_cast<ssize_t>(address.size()))
    take_lock(lock_fd_, address_byte);
}

std::string running_address(const std::filesystem::path& folder) {
  const int fd = ::open((folder / lock_name).c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (fd < 0) return {};
  std::array<char, 512> text{};
  const auto count = is_locked(fd, address_byte) ? ::pread(fd, text.data(), text.size(), 0) : 0;
  ::close(fd);
  if (count <= 0) return {};
  const std::string_view address(text.data(), static_cast<std::size_t>(count));
  const auto is_odd = [](char c) { return c <= ' ' || c == '\x7F'; };
  const bool is_address =
      address.starts_with("http://") && std::none_of(address.begin(), address.end(), is_odd);
  return is_address ? std::string(address) : std::string();
}

}  // namespace airouterd::store
