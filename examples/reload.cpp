// Swaps the config while calls run: they keep theirs, the next ones follow the new one.
#include <fstream>
#include <future>
#include <iostream>
#include <iterator>

#include <airouter/airouter.h>

int main(int argc, char** argv) {
  if (argc != 4) {
    std::cerr << "usage: reload CONFIG OTHER_CONFIG REQUEST\n";
    return 2;
  }
  std::ifstream file(argv[3]);
  const std::string json(std::istreambuf_iterator<char>(file), {});
  try {
    auto router = airouter::Router::create(airouter::load_config(argv[1]).value()).value();
    const auto request = airouter::ChatRequest::parse(json).value();
    std::promise<std::string> first;
    airouter::StreamCallbacks callbacks;
    callbacks.on_head = [&](const airouter::CallHead& head) {
      first.set_value(head.provider);
      return airouter::Flow::proceed;
    };
    callbacks.on_done = [&](const airouter::Error* error, const auto&) {
      if (error != nullptr) first.set_value("nobody");
    };
    airouter::CallHandle running = router.start(request, callbacks).value();
    std::cout << "before: " << first.get_future().get() << std::endl;
    router.reload(airouter::load_config(argv[2]).value()).value();
    std::cout << "after: " << router.call(request).value().head.provider << "\n";
    running.wait();
  } catch (const airouter::Exception& error) {
    std::cerr << error.what() << "\n";
    return 1;
  }
}
