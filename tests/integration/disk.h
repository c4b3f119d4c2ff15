#pragma once

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <sys/mount.h>
#include <sys/resource.h>
#include <unistd.h>
#include <vector>

#include "integration/gateway.h"

// Disks that do not do what they should.
namespace gateway {

inline bool holds(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

// A small file system of its own, if this machine lets us mount one.
class SmallDisk {
 public:
  SmallDisk() : path_(folder_.file("disk")) {
    std::filesystem::create_directory(path_);
    is_mounted_ = ::mount("tmpfs", path_.c_str(), "tmpfs", 0, "size=256k,mode=0700") == 0;
  }
  ~SmallDisk() {
    if (is_mounted_) ::umount2(path_.c_str(), MNT_DETACH);
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;

  bool is_mounted() const { return is_mounted_; }
  const std::string& path() const { return path_; }
  std::string file(const std::string& name) const { return path_ + "/" + name; }

  // Not while a file there is open to be written.
  bool set_read_only(bool is_read_only) const {
    return ::mount("tmpfs", path_.c_str(), "tmpfs", MS_REMOUNT | (is_read_only ? MS_RDONLY : 0),
                   "size=256k") == 0;
  }

  void fill() const {
    const int fd = ::open(file("ballast").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    const std::string block(4096, 'x');
    while (::write(fd, block.data(), block.size()) > 0) {
    }
    ::close(fd);
  }
  void make_room() const { std::filesystem::remove(file("ballast")); }

 private:
  TempFolder folder_{};
  const std::string path_;
  bool is_mounted_ = false;
};

// What a running program may write into a file, until destruction.
class FileSizeLimit {
 public:
  FileSizeLimit(pid_t process, rlim_t bytes) : process_(process) {
    REQUIRE(::prlimit(process_, RLIMIT_FSIZE, nullptr, &before_) == 0);
    const rlimit limit{bytes, before_.rlim_max};
    REQUIRE(::prlimit(process_, RLIMIT_FSIZE, &limit, nullptr) == 0);
  }
  ~FileSizeLimit() { ::prlimit(process_, RLIMIT_FSIZE, &before_, nullptr); }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;

 private:
  const pid_t process_;
  rlimit before_{};
};

// Calls of a program that fail while `fail` says so: support/shims/failing_calls.cpp.
class FailingSaves {
 public:
  Surroundings surroundings() const {
    // A build with sanitizers would not start behind a preloaded library.
    const char* options = std::getenv("ASAN_OPTIONS");
    return {
        {},
        {"LD_PRELOAD=" + failing_calls_library(), "AIROUTER_FAIL_SAVES=" + folder_.file("saves"),
         std::string("ASAN_OPTIONS=") + (options != nullptr ? options : "") + ":verify_asan_link_order=0"},
        0};
  }

  // "write .jsonl 2 28": from the second write to such a file on, errno 28; 0: it waits until `stop`.
  void fail(const std::string& fault) const { folder_.write("saves", fault); }
  void stop() const { std::filesystem::remove(folder_.file("saves")); }

 private:
  TempFolder folder_{};
};

// How much longer a save takes than it takes to write as many bytes, to sync them, to rename the file and to
// sync its folder: each at its best of some tries in turn, since other programs use processor and disk, too.
// A disk that is fast for a moment, just when it is the syncs' turn, spoils no more than its round.
class SaveTime {
 public:
  using Milliseconds = std::chrono::duration<double, std::milli>;

  // `folder` is on the disk that is saved to.
  SaveTime(const std::string& folder, std::size_t bytes) : folder_(folder), content_(bytes, 'x') {}

  // Of the best round.
  Milliseconds beyond_syncs(const std::function<void()>& save, Milliseconds enough) const {
    constexpr int rounds_max = 10, tries = 15;
    Milliseconds beyond{1h};
    for (int round = 0; round < rounds_max && beyond > enough; ++round) {
      Milliseconds best_save{1h}, best_syncs{1h};
      for (int i = 0; i < tries; ++i) {
        best_save = std::min(best_save, timed(save));
        best_syncs = std::min(best_syncs, timed([this] { write_and_sync(); }));
      }
      beyond = std::min(beyond, best_save - best_syncs);
    }
    return beyond;
  }

 private:
  static Milliseconds timed(const std::function<void()>& act) {
    const auto begin = steady_clock::now();
    act();
    return steady_clock::now() - begin;
  }

  void write_and_sync() const {
    const std::string name = folder_ + "/probe", new_name = name + ".new";
    const int fd = ::open(new_name.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    CHECK(::write(fd, content_.data(), content_.size()) == static_cast<ssize_t>(content_.size()));
    CHECK(::fsync(fd) == 0);
    ::close(fd);
    CHECK(::rename(new_name.c_str(), name.c_str()) == 0);
    const int folder_fd = ::open(folder_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    CHECK(::fsync(folder_fd) == 0);
    ::close(folder_fd);
  }

  const std::string folder_, content_;
};

}  // namespace gateway
