#pragma once

#include <string>

#include <airouter/result.h>

namespace airouterd::http {

// A listening socket whose accepted connections inherit what a proxy needs: no delay of small writes, and a
// send buffer that is small enough for a slow reader to be felt. Closes it when destroyed. Not thread-safe
// but for `wake`.
class Listener {
 public:
  Listener() = default;
  ~Listener();
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  // Takes `port` of `host` and returns the port; 0 stands for any. Errors: invalid_config.
  airouter::Result<int> open(const std::string& host, int port);

  bool is_open() const noexcept { return fd_ >= 0; }

  int fd() const noexcept { return fd_; }

  // Ends every accept on it, now and later.
  void wake() const noexcept;

 private:
  int fd_ = -1;  // constant after open
};

}  // namespace airouterd::http
