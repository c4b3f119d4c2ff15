#include "hash_password.h"

#include <array>
#include <cstdio>
#include <optional>
#include <string>
#include <termios.h>
#include <unistd.h>

#include <fmt/format.h>

#include "store/password.h"

namespace airouterd {
namespace {

// While it lives, a terminal does not show what is typed.
class HiddenTyping {
 public:
  HiddenTyping() : is_hidden_(::tcgetattr(STDIN_FILENO, &before_) == 0) {
    if (!is_hidden_) return;
    termios hidden = before_;
    hidden.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
  }
  ~HiddenTyping() {
    if (!is_hidden_) return;
    ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
    std::fputc('\n', stderr);  // the one that was typed did not show either
  }
  HiddenTyping(const HiddenTyping&) = delete;
  HiddenTyping& operator=(const HiddenTyping&) = delete;

 private:
  termios before_{};
  const bool is_hidden_;
};

// A line without its end; nothing: there is none, or it is too long.
std::optional<std::string> read_line() {
  std::array<char, store::password_bytes_max + 3> buffer{};
  if (std::fgets(buffer.data(), static_cast<int>(buffer.size()), stdin) == nullptr) return std::nullopt;
  std::string line(buffer.data());
  if (line.ends_with('\n')) line.pop_back();
  if (line.ends_with('\r')) line.pop_back();
  return line.size() > store::password_bytes_max ? std::nullopt : std::optional(line);
}

std::optional<std::string> ask(const char* prompt) {
  if (::isatty(STDIN_FILENO) != 1) return read_line();
  std::fputs(prompt, stderr);
  std::fflush(stderr);
  const HiddenTyping hidden;
  return read_line();
}

}  // namespace

ExitCode hash_password() {
  const auto password = ask("Password for the admin panel: ");
  if (!password || password->size() < store::password_bytes_min) {
    std::fputs(
        fmt::format("a password has {} to {} bytes\n", store::password_bytes_min, store::password_bytes_max)
            .c_str(),
        stderr);
    return ExitCode::usage;
  }
  if (::isatty(STDIN_FILENO) == 1 && ask("Once more: ") != password) {
    std::fputs("these are two different passwords\n", stderr);
    return ExitCode::usage;
  }
  std::printf("%s\n", store::hash_password(*password).c_str());
  return ExitCode::fine;
}

}  // namespace airouterd
