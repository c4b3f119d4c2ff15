// A library to preload: it makes system calls of a program fail as they do on a machine that is short of
// something. Off until a file exists, so that a test can turn it on and off while the program runs.
//
//   AIROUTER_FAIL_ACCEPT   a file: while it exists, every accept fails, with the errno that the file holds,
//   or
//                          with one error after the other if it is empty
//   AIROUTER_FAIL_THREADS  a file: while it exists, no thread can be created
//   AIROUTER_FAIL_SAVES    a file that holds `CALL PART N ERRNO`: while it exists, the Nth `write`, `fsync`
//   or
//                          `rename` of a file whose path ends in PART fails with that errno, and those after
//                          it; with 0 they wait for as long as the file exists, and then succeed
#include <array>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <dlfcn.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

namespace {

constexpr std::array errors{EMFILE, ENFILE, ECONNABORTED, EPROTO, ENOBUFS, ENOMEM, EINTR};
std::atomic<unsigned> accepts_failed{0};

// What the file that a variable names holds: a number, 0 if it is empty; less than 0 if it is not there.
int state_of(const char* variable) {
  const char* name = std::getenv(variable);
  std::FILE* file = name != nullptr ? std::fopen(name, "re") : nullptr;
  if (file == nullptr) return -1;
  int number = 0;
  if (std::fscanf(file, "%d", &number) != 1) number = 0;
  std::fclose(file);
  return number;
}

bool fails_to_accept() {
  const int error = errno, state = state_of("AIROUTER_FAIL_ACCEPT");
  errno = state > 0 ? state : state == 0 ? errors[accepts_failed++ % errors.size()] : error;
  return state >= 0;
}

template <class Function>
Function* next(const char* name) {
  return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

std::atomic<int> saves_seen{0};

bool ends_in(const char* path, const char* part) {
  const std::size_t path_size = std::strlen(path), part_size = std::strlen(part);
  return part_size <= path_size && std::strcmp(path + path_size - part_size, part) == 0;
}

// Whether this call is one that is to fail; then errno says why. Counting begins anew with each file.
bool fails_to_save(const char* call, const char* path) {
  const int error = errno;
  const char* name = std::getenv("AIROUTER_FAIL_SAVES");
  std::FILE* file = name != nullptr ? std::fopen(name, "re") : nullptr;
  if (file == nullptr) {
    if (name != nullptr) saves_seen = 0;
    errno = error;
    return false;
  }
  std::array<char, 64> wanted_call{};
  std::array<char, 512> part{};
  int nth = 0, wanted_error = 0;
  const int fields =
      std::fscanf(file, "%63s %511s %d %d", wanted_call.data(), part.data(), &nth, &wanted_error);
  std::fclose(file);
  errno = error;
  if (fields != 4 || std::strcmp(wanted_call.data(), call) != 0 || !ends_in(path, part.data())) return false;
  if (++saves_seen < nth) return false;
  errno = wanted_error;
  if (wanted_error != 0) return true;
  while (::access(name, F_OK) == 0)
    ::usleep(1000);
  errno = error;
  return false;
}

bool fails_to_save(const char* call, int fd) {
  if (std::getenv("AIROUTER_FAIL_SAVES") == nullptr) return false;
  const int error = errno;
  std::array<char, 64> link{};
  std::snprintf(link.data(), link.size(), "/proc/self/fd/%d", fd);
  std::array<char, 512> path{};
  const ssize_t size = ::readlink(link.data(), path.data(), path.size() - 1);
  errno = error;
  return size > 0 && fails_to_save(call, path.data());
}

}  // namespace

#pragma GCC visibility push(default)
extern "C" {

int accept(int socket, sockaddr* address, socklen_t* size) {
  return fails_to_accept() ? -1 : next<decltype(accept)>("accept")(socket, address, size);
}

int accept4(int socket, sockaddr* address, socklen_t* size, int flags) {
  return fails_to_accept() ? -1 : next<decltype(accept4)>("accept4")(socket, address, size, flags);
}

int pthread_create(pthread_t* thread, const pthread_attr_t* attributes, void* (*run)(void*), void* argument) {
  if (state_of("AIROUTER_FAIL_THREADS") >= 0) return EAGAIN;
  return next<decltype(pthread_create)>("pthread_create")(thread, attributes, run, argument);
}

ssize_t write(int fd, const void* bytes, size_t count) {
  return fails_to_save("write", fd) ? -1 : next<decltype(write)>("write")(fd, bytes, count);
}

int fsync(int fd) {
  return fails_to_save("fsync", fd) ? -1 : next<decltype(fsync)>("fsync")(fd);
}

int renameat(int old_folder, const char* old_name, int new_folder, const char* new_name) {
  if (fails_to_save("rename", new_name)) return -1;
  return next<decltype(renameat)>("renameat")(old_folder, old_name, new_folder, new_name);
}

}  // extern "C"
#pragma GCC visibility pop
