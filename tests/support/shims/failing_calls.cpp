// A library to preload: it makes system calls of a program fail as they do on a machine that is short of
// something. Off until a file exists, so that a test can turn it on and off while the program runs.
//
//   AIROUTER_FAIL_ACCEPT   a file: while it exists, every accept fails, with the errno that the file holds,
//   or
//                          with one error after the other if it is empty
//   AIROUTER_FAIL_THREADS  a file: while it exists, no thread can be created
#include <array>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <dlfcn.h>
#include <pthread.h>
#include <sys/socket.h>

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

}  // extern "C"
#pragma GCC visibility pop
