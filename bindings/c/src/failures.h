#pragma once

#include <airouter.h>
#include <new>
#include <string>
#include <utility>

#include <airouter/result.h>

// Errors on their way out: exceptions inside, an airouter_error at the border, which nothing else passes.

struct airouter_error {
  airouter_error_code code{};
  std::string message{}, json{};
};

namespace airouter::c {

// The caller's mistake: a null handle, or a call used in a way it does not allow.
struct InvalidArgument {
  const char* message;
};

// The value, or airouter::Exception.
template <class T>
T checked(Result<T> result) {
  return std::move(result).value();
}

// The handle, unless it is null.
template <class Handle>
Handle& given(Handle* handle, const char* message) {
  if (handle == nullptr) throw InvalidArgument{message};
  return *handle;
}

airouter_error to_c(const Error& error);

// Into *error, unless `error` is null. Without memory it stays NULL: what is returned still says that it
// failed.
void set_error(airouter_error** error, airouter_error value) noexcept;

// Within a catch block: sets *error to what was caught.
void set_caught(airouter_error** error) noexcept;

// Runs one function of the interface. Nothing leaves it but its value, or `otherwise` and an error.
template <class T, class Function>
T guarded(airouter_error** error, T otherwise, Function&& function) noexcept {
  if (error != nullptr) *error = nullptr;
  try {
    return function();
  } catch (...) {
    set_caught(error);
    return otherwise;
  }
}

}  // namespace airouter::c
