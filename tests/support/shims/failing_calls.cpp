// A library to preload: it makes system calls of a program fail as they do on a machine that is short of
// something. Off until a file exists, so that a test can turn it on and off while the program runs.
//
//   AIROUTER_FAIL_ACCEPT   a file: while it exists, every accept fails, with one error after the other
//   AIROUTER_FAIL_THREADS  a file: while it exists, no thread can be created
#include <array>
#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <dlfcn.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

namespace {

constexpr std::array errors{EMFILE, ENFILE, ECONNABORTED, EPROTO, ENOBUFS, ENOMEM, EINTR};
std::atomic<unsigned> accepts_failed{0};

bool is_on(const char* variable) {
  const char* file = std::getenv(variable);
  const int error = errno;
  const bool exists = file != nullptr && ::access(file, F_OK) == 0;
  errno = error;
  return exists;
}

bool fails_to_accept() {
  if (!is_on("AIROUTER_FAIL_ACCEPT")) return false;
  errno = errors[accepts_failed++ % errors.size()];
  return true;
}

template <class Function>
Function* next(const char* name) {
  return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
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
  if (is_on("AIROUTER_FAIL_THREADS")) return EAGAIN;
  return next<decltype(pthread_create)>("pthread_create")(thread, attributes, run, argument);
}

}  // extern "C"
#pragma GCC visibility pop
