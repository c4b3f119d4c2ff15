#include "line_writer.h"

#include <chrono>
#include <csignal>
#include <fcntl.h>
#include <string>
#include <unistd.h>

#include "support/catch.h"

using airouterd::LineWriter;

namespace {

struct Pipe {
  int ends[2] = {-1, -1};
  Pipe() { REQUIRE(::pipe2(ends, O_CLOEXEC) == 0); }
  ~Pipe() {
    for (const int end : ends)
      if (end >= 0) ::close(end);
  }
  void close_writer() {
    ::close(ends[1]);
    ends[1] = -1;
  }
  // To the end.
  std::string read_all() const {
    std::string all(1 << 20, '\0');
    std::size_t bytes = 0;
    for (ssize_t count = 1; count > 0; bytes += count > 0 ? static_cast<std::size_t>(count) : 0)
      count = ::read(ends[0], all.data() + bytes, all.size() - bytes);
    all.resize(bytes);
    return all;
  }
};

}  // namespace

TEST_CASE("lines are written whole and in order", "[console]") {
  Pipe pipe;
  std::string expected;
  {
    LineWriter writer(pipe.ends[1]);
    for (int i = 0; i < 1000; ++i) {
      const std::string line = "line " + std::to_string(i) + "\n";
      writer.write(line);
      expected += line;
    }
  }
  pipe.close_writer();
  CHECK(pipe.read_all() == expected);
}

TEST_CASE("a reader that never reads holds nobody up, and is told what it missed", "[console]") {
  Pipe pipe;
  const std::string line = std::string(1023, 'x') + "\n";
  const auto begin = std::chrono::steady_clock::now();
  std::string all;
  {
    LineWriter writer(pipe.ends[1]);
    for (int i = 0; i < 2000; ++i)
      writer.write(line);
    CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(1));
  }
  CHECK(std::chrono::steady_clock::now() - begin <
        std::chrono::seconds(5));  // not even the end waits for long
  pipe.close_writer();
  all = pipe.read_all();
  CHECK(all.size() < 2000 * line.size());
  CHECK(all.starts_with(line));
}

TEST_CASE("what was left out is counted once somebody reads", "[console]") {
  Pipe pipe;
  std::string all;
  {
    LineWriter writer(pipe.ends[1]);
    const std::string line = std::string(1023, 'x') + "\n";
    for (std::size_t i = 0; i < 3 * LineWriter::queued_bytes_max / line.size(); ++i)
      writer.write(line);
    std::string piece(1 << 20, '\0');
    while (all.find("lines left out: nobody read them") == std::string::npos) {
      const ssize_t count = ::read(pipe.ends[0], piece.data(), piece.size());
      REQUIRE(count > 0);
      all.append(piece, 0, static_cast<std::size_t>(count));
    }
  }
  CHECK(all.find(" lines left out: nobody read them)\n") != std::string::npos);
}

TEST_CASE("a reader that is gone is nobody's trouble", "[console]") {
  Pipe pipe;
  ::close(pipe.ends[0]);
  pipe.ends[0] = -1;
  const auto before = std::signal(SIGPIPE, SIG_IGN);  // as the program does
  const auto begin = std::chrono::steady_clock::now();
  {
    LineWriter writer(pipe.ends[1]);
    writer.write("hello\n");
  }
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(1));
  std::signal(SIGPIPE, before);
}
