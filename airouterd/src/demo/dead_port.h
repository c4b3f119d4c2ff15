#pragma once

#include <string>
#include <vector>

namespace airouterd::demo {

// A port of 127.0.0.1 where no connection comes about, held as long as this object lives.
class DeadPort {
 public:
  enum class Manner {
    refuses,        // answers with RST: "connection refused"
    never_answers,  // takes no SYN: connecting hangs
  };

  // Throws std::system_error without descriptors.
  explicit DeadPort(Manner manner);
  ~DeadPort();
  DeadPort(const DeadPort&) = delete;
  DeadPort& operator=(const DeadPort&) = delete;

  int port() const noexcept { return port_; }
  std::string base_url() const;  // "http://127.0.0.1:PORT/v1"

 private:
  void fill_queue();

  // Constant after construction.
  int fd_ = -1, port_ = 0;
  std::vector<int> fillers_{};  // connections that nobody accepts
};

}  // namespace airouterd::demo
