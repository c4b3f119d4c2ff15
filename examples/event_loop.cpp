// A program with a loop of its own: callbacks only note what came and wake the loop through a descriptor.
#include <cstdint>
#include <fstream>
#include <iostream>
#include <iterator>
#include <mutex>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <airouter/airouter.h>

int main(int argc, char** argv) {
  if (argc != 3) return std::cerr << "usage: event_loop CONFIG REQUEST\n", 2;
  std::ifstream file(argv[2]);
  auto request = airouter::ChatRequest::parse(std::string(std::istreambuf_iterator<char>(file), {}));
  auto config = airouter::load_config(argv[1]);
  if (!config || !request) return std::cerr << (config ? request.error() : config.error()).message << "\n", 1;

  const int wake = ::eventfd(0, EFD_CLOEXEC);
  std::mutex mutex;
  std::string news;  // guarded by mutex
  bool is_over = false, is_whole = false;
  const auto tell = [&](std::string_view text, bool over, bool whole) {
    const std::scoped_lock lock(mutex);
    news += text, is_over = over, is_whole = whole;
    return ::eventfd_write(wake, 1) == 0 ? airouter::Flow::proceed : airouter::Flow::stop;
  };
  auto callbacks = airouter::text_callbacks([&](auto text) { return tell(text, false, false); });
  callbacks.on_done = [&](const airouter::Error* error, const auto&) { tell("\n", true, error == nullptr); };
  auto router = airouter::Router::create(*config).value();  // destroyed first: no callback runs after it
  auto call = router.start(*request, callbacks).value();
  for (pollfd watched{wake, POLLIN, 0}; ::poll(&watched, 1, -1) > 0;) {  // beside your own descriptors
    std::uint64_t count = 0;
    ::eventfd_read(wake, &count);
    const std::scoped_lock lock(mutex);
    std::cout << std::exchange(news, {}) << std::flush;
    if (is_over) return ::close(wake), is_whole ? 0 : 1;
  }
}
